// geo.*: where the visitor is, from MaxMind databases.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "geo/recent_records.h"
#include "geo/watched_database.h"
#include "plugins/plugin.h"

namespace personalize::plugins {

/// Several databases complete each other: of those that know a field, the first in the order of the configuration counts.
class GeoPlugin : public Plugin {
 public:
  std::string_view name() const override { return "geo"; }
  void configure(const Settings& settings) override;
  void attributes(rules::Schema& schema) override;
  void activate(const rules::Schema& schema, std::span<std::uint8_t> wanted) override;
  void maintain(Upkeep& upkeep) override;
  void metrics(std::vector<Metric>& metrics) const override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

 private:
  std::vector<geo::WatchedDatabase> databases_;
  geo::Fields wanted_ = 0;
  std::uint64_t replaced_ = 0;
  std::uint64_t refused_ = 0;
  std::array<rules::AttributeId, geo::field_count> ids_{};  // by geo::Field
  rules::AttributeId network_ = 0;
  mutable std::vector<geo::RecentRecords> readers_;  // one per database; a worker has one thread
};

}  // namespace personalize::plugins
