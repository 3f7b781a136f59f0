// profile.*: what the shop stored about the visitor, a Redis hash of texts typed by the rule files'
// `attributes`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/built_in_plugin.h"

namespace personalize::plugins {

/// Asks for exactly the wanted fields, with one HMGET of `<prefix>{<visitor>}:profile`. The reply's elements are
/// all nil if there is no profile.
class ProfilePlugin : public BuiltInPlugin {
 public:
  std::string_view name() const override { return "profile"; }
  bool is_profile() const override { return true; }
  void activate(Activation& activation) override;
  void needs(const Request& request, Fetches& fetches) const override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;
  void metrics(std::vector<Metric>& metrics) const override;

 private:
  struct Field {
    std::string name;  ///< in the hash: "tier" of profile.tier
    rules::AttributeId id;
    rules::Type type;
  };
  std::vector<Field> fields_;
  std::vector<std::string_view> names_;  ///< theirs
  mutable std::uint64_t mistyped_ = 0;   ///< stored values that were not of their type; a worker has one thread
};

}  // namespace personalize::plugins
