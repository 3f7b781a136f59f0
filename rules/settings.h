// Facts about the shop in rule files, for the plugins that resolve attributes.
#pragma once

#include <string>
#include <vector>

namespace personalize::rules {

/// A place that visitors can go to.
struct Store {
  std::string id;
  std::string name;
  double latitude = 0;   ///< degrees within ±90, north is positive
  double longitude = 0;  ///< degrees within ±180, east is positive
};

/// Days with a name, such as those on which a country does not work.
struct Holidays {
  std::string name;
  std::vector<std::string> days;  ///< as rule files write them (rules/schedule/calendar.h): "12-25"
};

struct Settings {
  std::vector<Store> stores;           ///< for geo.nearest_store
  std::vector<std::string> languages;  ///< the shop's, best first ("en", "de-AT"): request.language is one of them
  std::vector<Holidays> holidays;      ///< in the order of the files: for time.holiday
};

}  // namespace personalize::rules
