// profile.*: what the shop stored about the visitor, a Redis hash of texts typed by the rule files'
// `attributes`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/plugin.h"

namespace personalize::plugins {

/// Asks for exactly the wanted fields, with one HMGET of `<prefix>{<visitor>}:profile`. The visitor stands in
/// braces so that all keys of a visitor are in one slot of a Redis Cluster. The reply's elements are all nil
/// if there is no profile. Where consent is required, nothing is asked without it.
class ProfilePlugin : public Plugin {
 public:
  std::string_view name() const override { return "profile"; }
  void configure(const Settings& settings) override;
  void activate(const rules::Schema& schema, std::span<std::uint8_t> wanted) override;
  void needs(const Request& request, Fetches& fetches) const override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

 private:
  struct Field {
    std::string name;  ///< in the hash: "tier" of profile.tier
    rules::AttributeId id;
    rules::Type type;
  };
  std::string prefix_;
  bool consent_required_ = false;
  rules::AttributeId consent_ = 0;  // consent.personalization, if it is required
  std::vector<Field> fields_;
};

}  // namespace personalize::plugins
