// consent.*: what the visitor agreed to. The profile is not looked up without consent.personalization.
#pragma once

#include <array>
#include <memory>

#include "plugins/consent/policy.h"
#include "plugins/plugin.h"

namespace personalize::plugins {

class ConsentPlugin : public Plugin {
 public:
  std::string_view name() const override { return "consent"; }
  void configure(const Settings& settings) override;
  void attributes(rules::Schema& schema) override;
  void activate(const rules::Schema& schema, std::span<std::uint8_t> wanted) override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

  enum Field : std::uint8_t { personalization, measurement, source, gpc, dnt, tcf_purposes, field_count };

 private:
  std::array<rules::AttributeId, field_count> ids_{};
  rules::AttributeId geo_country_ = 0;
  bool knows_country_ = false;  // the one above is an attribute
  std::unique_ptr<ConsentPolicy> policy_;
};

}  // namespace personalize::plugins
