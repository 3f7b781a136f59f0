// The weather at a place, from what weather services answer.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/weather/fields.h"

namespace personalize::plugins {

/// Trivially copyable: lives in shared memory as it is.
class WeatherReport {
 public:
  WeatherReport() {
    numbers_.fill(std::numeric_limits<double>::quiet_NaN());
    others_.fill(unknown);
  }
  /// Nothing if the service did not say so. Booleans are 0 or 1, words count from 1.
  std::optional<double> get(WeatherFieldId field) const;
  bool is_true(WeatherFieldId field) const { return get(field) == 1; }
  /// Ignores values that are out of range.
  void set(WeatherFieldId field, double value);

  std::int64_t fetched_us = 0;  ///< set by the host: microseconds since 1970 UTC

 private:
  static constexpr std::size_t number_count =
      static_cast<std::size_t>(std::ranges::count_if(weather_fields, &WeatherField::is_number));
  /// Position among the numbers, or among the others.
  static std::size_t position(WeatherFieldId field);

  static constexpr std::uint8_t unknown = 255;
  std::array<double, number_count> numbers_;  // or NaN
  std::array<std::uint8_t, weather_field_count - number_count> others_;
};

/// "open_meteo" or "openweathermap".
std::optional<WeatherFormat> parse_weather_format(std::string_view name);

/// Answers longer than this are not looked at.
inline constexpr std::size_t max_weather_bytes = 64 * 1024;
/// The report in a service's answer; nothing if it is not JSON, says error, or has no plausible temperature.
/// Never throws (but std::bad_alloc).
std::optional<WeatherReport> parse_weather(WeatherFormat format, std::string_view text);

/// What falls where a service's code says what the weather is like.
struct Falling {
  bool rain = false;
  bool snow = false;
};

/// https://open-meteo.com/en/docs: WMO code table 4677 as far as the service uses it.
Condition condition_of_wmo_code(int code);
/// https://openweathermap.org/weather-conditions
Condition condition_of_owm_code(int code);
Falling falling_by_wmo_code(int code);
Falling falling_by_owm_code(int code);

/// Visitors within a cell of 0.1° share one report.
struct WeatherCell {
  std::int16_t latitude = 0;   ///< tenths of a degree
  std::int16_t longitude = 0;  ///< -1799 to 1800
  bool operator==(const WeatherCell&) const = default;
  /// Nothing for coordinates out of range.
  static std::optional<WeatherCell> of(double latitude, double longitude);
};
/// What to ask the service for, without "?" and without key: "latitude=51.5&longitude=-0.1&current=…".
std::string weather_query(WeatherFormat format, WeatherCell cell);

/// Where reports are kept: shared memory of the server, a file of the tool. Asking for a cell that is not
/// there, or is old, may start a fetch in the background.
class WeatherSource {
 public:
  virtual ~WeatherSource() = default;
  /// The latest report for the cell that may still be used. Does not throw.
  virtual std::optional<WeatherReport> find(WeatherCell cell, std::int64_t now_us) = 0;
};

}  // namespace personalize::plugins
