// A time zone for places whose database names none: from tzdata's list of zones by country, each with the
// coordinates of its principal place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "geo/distance.h"

namespace personalize::geo {

/// Exact for the countries with one zone (all but about 25). In the others the zone of the nearest principal
/// place: right for most people, wrong near borders between zones; without coordinates nothing.
class ZoneTable {
 public:
  static constexpr const char* default_file = "/usr/share/zoneinfo/zone.tab";
  /// Empty if the file cannot be read.
  static ZoneTable read(const std::string& path);
  explicit ZoneTable(std::string_view text);

  /// IANA name or empty; valid as long as the table. `country` is its ISO 3166-1 code.
  std::string_view zone_of(std::string_view country, std::optional<Point> point) const;
  std::size_t countries() const { return zones_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Zones {
    std::vector<std::string> names;
    Places places;  // same order
  };
  std::unordered_map<std::string, Zones, Hash, std::equal_to<>> zones_;  // by country
};

}  // namespace personalize::geo
