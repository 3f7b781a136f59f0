// consent.*: what the visitor has consented to. The profile is not looked up without consent.personalization.
#pragma once

#include <memory>
#include <optional>

#include "plugins/built_in_plugin.h"
#include "plugins/consent/policy.h"

namespace personalize::plugins {

class ConsentPlugin : public BuiltInPlugin {
 public:
  std::string_view name() const override { return "consent"; }
  void configure(const Settings& settings) override;
  std::span<const AttributeRow> attributes() const override;
  std::span<const RoleRow> roles() const override;
  void activate(Activation& activation) override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

  enum Field : std::uint8_t {
    personalization,
    measurement,
    source,
    gpc,
    dnt,
    tcf_purposes,
    tcf_special_features,
    field_count,
  };

 private:
  std::optional<rules::AttributeId> geo_country_;
  std::unique_ptr<ConsentPolicy> policy_;
};

}  // namespace personalize::plugins
