// What applies where a directive or one of its parameters is missing. This is the only place that says so: the code
// uses these texts as if they had been written, and tests compare the documentation with them.
#pragma once

#include <cstdint>
#include <string_view>

namespace personalize::module {

struct Default {
  std::string_view directive;
  std::string_view parameter;  ///< empty: the directive as a whole
  std::string_view text;       ///< "off": without the directive nothing happens
};

inline constexpr Default defaults[] = {
    {"personalize", "", "off"},
    {"personalize_rules_check", "", "warn"},
    {"personalize_watch", "", "on"},
    {"personalize_redis", "", "off"},
    {"personalize_redis", "db", "0"},
    {"personalize_redis", "prefix", "personalize:"},
    {"personalize_redis", "connections", "2"},
    {"personalize_profile_cache", "", "off"},
    {"personalize_profile_cache", "valid", "5s"},
    {"personalize_events", "", "off"},
    {"personalize_events", "rate", "60"},
    {"personalize_events", "network_rate", "600"},
    {"personalize_events_log", "", "off"},
    {"personalize_events_log", "shards", "8"},
    {"personalize_events_log", "max", "256m"},
    {"personalize_visitor_cookie", "", "off"},
    {"personalize_visitor_cookie", "secret", "personalize-visitor.key"},
    {"personalize_visitor_cookie", "max_age", "390d"},
    {"personalize_consent", "", "required"},
    {"personalize_time_zone", "", "UTC"},
    {"personalize_client_hints", "", "off"},
    {"personalize_weather", "", "off"},
    {"personalize_weather", "format", "open_meteo"},
    {"personalize_weather", "fresh", "10m"},
    {"personalize_weather", "stale", "1h"},
    {"personalize_weather", "timeout", "5s"},
    {"personalize_weather", "pause", "5s"},
    {"personalize_weather", "max_fetches", "600"},
    {"personalize_weather", "zone", "personalize_weather:1m"},
    {"personalize_deadline", "", "20ms"},
    {"personalize_types", "", "text/html"},
    {"personalize_statuses", "", "200"},
    {"personalize_no_transform", "", "obey"},
    {"personalize_zone", "", "personalize-pages:32m"},
};

/// Does not compile if it is not in the table.
consteval std::string_view default_text(std::string_view directive, std::string_view parameter = {}) {
  for (const Default& row : defaults)
    if (row.directive == directive && row.parameter == parameter) return row.text;
  throw "no such default";
}

/// A time, in milliseconds: "20ms", "5s", "10m", "1h" or "390d".
consteval std::uint64_t default_ms(std::string_view directive, std::string_view parameter = {}) {
  std::string_view text = default_text(directive, parameter);
  std::uint64_t number = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    number = number * 10 + static_cast<std::uint64_t>(text[0] - '0');
    text.remove_prefix(1);
  }
  if (text == "ms") return number;
  if (text == "s") return number * 1000;
  if (text == "m") return number * 60'000;
  if (text == "h") return number * 3'600'000;
  if (text == "d") return number * 86'400'000;
  throw "not a time";
}

/// Calls `apply(parameter, text)` for each parameter of the directive that has a default.
template <class Apply>
void apply_defaults(std::string_view directive, Apply apply) {
  for (const Default& row : defaults)
    if (row.directive == directive && !row.parameter.empty()) apply(row.parameter, row.text);
}

}  // namespace personalize::module
