// Made-up shops for benchmarks: rule files of any size with the mix of conditions that merchandisers write, and
// visitors from the same world. The same seed gives the same shop, with every compiler.
//
// Of the rules, in four slots by turns:
//   50 % are for some pages: a category (`/c/tents/*`), a product, or all but the checkout
//   60 % look at geo: some of 40 countries, a city, the EU
//   40 % look at the device: its type, its system, not a bot
//   25 % look at the time in an expression: hours, weekdays, a season
//   15 % have a schedule: days from and until, hours, weekdays, a third of them on the visitor's clock
//   50 % look at the profile: tier, lifetime value, interests, whether it is known
//   10 % use one of eight segments
// so that most have two or three conditions; one in 200 has none. Priorities are 0 to 9. Each sets the slot's content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/rule_set.h"

namespace personalize::bench {

/// What the plugins know.
rules::Schema shop_schema();

std::string rule_file(std::size_t rules, std::uint32_t seed);

/// One request: where it goes, and what is known of who makes it.
struct Visitor {
  std::string path;
  std::string zone;
  std::string country, city, device, os, weekday, season, tier, first_name;
  std::vector<std::string> interests;
  std::int64_t hour = 0;
  std::int64_t now_us = 0;
  double lifetime_value = 0;
  bool in_eu = false;
  bool has_profile = false;  ///< else tier, value, name and interests are not known

  /// Of a set that was loaded from `rule_file`. Memory is the arena's and the visitor's.
  rules::Context context(const rules::Schema& schema, rules::Arena& arena) const;
};
std::vector<Visitor> visitors(std::size_t count, std::uint32_t seed);

}  // namespace personalize::bench
