// geo.*: where the visitor is, from MaxMind databases.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "geo/recent_records.h"
#include "plugins/plugin.h"

namespace personalize::plugins {

/// Several databases complete each other: of those that know a field, the first in the order of the configuration counts.
class GeoPlugin : public Plugin {
 public:
  std::string_view name() const override { return "geo"; }
  void configure(const Settings& settings) override;
  void attributes(rules::Schema& schema) override;
  void activate(const rules::Schema& schema, std::span<std::uint8_t> wanted) override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

 private:
  std::vector<std::shared_ptr<const geo::Database>> databases_;
  std::array<rules::AttributeId, geo::field_count> ids_{};  // by geo::Field
  rules::AttributeId network_ = 0;
  mutable std::vector<geo::RecentRecords> readers_;  // a worker has one thread
};

}  // namespace personalize::plugins
