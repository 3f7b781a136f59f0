// geo.*: where the visitor is, from MaxMind databases.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "geo/distance.h"
#include "geo/recent_records.h"
#include "geo/watched_database.h"
#include "geo/zone_table.h"
#include "plugins/built_in_plugin.h"

namespace personalize::plugins {

/// Several databases complete each other: of those that know a field, the first in the order of the
/// configuration counts. A time zone that none of them names is derived from country and coordinates.
class GeoPlugin : public BuiltInPlugin {
 public:
  std::string_view name() const override { return "geo"; }
  void configure(const Settings& settings) override;
  bool take_over(const Plugin& serving) override;
  void apply_rule_settings(const RuleSettings& settings) override;
  std::span<const AttributeRow> attributes() const override;
  std::span<const RoleRow> roles() const override;
  std::span<const FunctionRow> functions() const override;
  void activate(Activation& activation) override;
  void maintain(MaintenanceReport& report) override;
  void metrics(std::vector<Metric>& metrics) const override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

 private:
  /// Attributes after those that databases know: positions among the plugin's own.
  enum DerivedField : std::size_t {
    derived_field = geo::field_count,
    network = derived_field,
    store_id,
    store_name,
    store_distance_km,
  };
  static constexpr std::size_t own(geo::Field field) { return static_cast<std::size_t>(field); }
  /// What other attributes are derived from, whether or not rules want it.
  struct Place {
    std::string_view country;
    std::optional<double> latitude, longitude;
    std::optional<geo::Point> point() const;
  };
  void note(const geo::Fact& fact, Place& place) const;
  void resolve_facts(const geo::Address& address, geo::Fields contradicted, Place& place, Attributes& attributes) const;
  static bool assumes_place(const Attributes& attributes);
  geo::Fields contradicted_by(const geo::Address& address, const Attributes& attributes) const;
  static void assume_place(const Attributes& attributes, Place& place);
  void derive(const Place& place, Attributes& attributes) const;

  /// Shared by the instances that take over from each other.
  struct Databases {
    std::mutex lock;  // around `maintain`, which changes them, and what may run in another thread
    std::vector<geo::WatchedDatabase> watched;
    std::uint64_t replaced = 0;
    std::uint64_t refused = 0;
  };
  void poll(geo::WatchedDatabase& database, MaintenanceReport& report);

  std::shared_ptr<Databases> databases_ = std::make_shared<Databases>();
  geo::Fields wanted_ = 0;
  std::vector<rules::Store> stores_;
  geo::Places store_places_;                         // same order
  std::optional<geo::ZoneTable> zones_;              // if geo.time_zone is wanted
  mutable std::vector<geo::RecentRecords> readers_;  // one per database; a worker has one thread
};

}  // namespace personalize::plugins
