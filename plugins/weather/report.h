// The weather at a place, from what weather services answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace personalize::plugins {

enum class Condition : std::uint8_t { unknown, clear, clouds, fog, drizzle, rain, snow, thunderstorm };
inline constexpr std::string_view condition_names[] = {"",        "clear", "clouds", "fog",
                                                       "drizzle", "rain",  "snow",   "thunderstorm"};
std::string_view to_string(Condition condition);

/// Trivially copyable: lives in shared memory as it is.
struct WeatherReport {
  Condition condition = Condition::unknown;
  bool raining = false;
  bool snowing = false;
  bool is_day = true;
  bool has_feels_like = false, has_wind = false, has_humidity = false;
  float temperature_c = 0;
  float feels_like_c = 0;
  float wind_kmh = 0;
  float humidity = 0;           ///< per cent
  std::int64_t fetched_us = 0;  ///< set by whoever fetched it: microseconds since 1970 UTC
};

enum class WeatherFormat : std::uint8_t { open_meteo, open_weather_map };
/// "open_meteo" or "openweathermap".
std::optional<WeatherFormat> parse_weather_format(std::string_view name);

/// Answers longer than this are not looked at.
inline constexpr std::size_t max_weather_bytes = 64 * 1024;
/// The report in a service's answer; nothing if it is not JSON, says error, or has no plausible temperature.
/// Never throws (but std::bad_alloc).
std::optional<WeatherReport> parse_weather(WeatherFormat format, std::string_view text);

/// https://open-meteo.com/en/docs: WMO code table 4677 as far as the service uses it.
Condition condition_of_wmo_code(int code);
/// https://openweathermap.org/weather-conditions
Condition condition_of_owm_code(int code);

/// Visitors within a cell of 0.1° share one report.
struct WeatherCell {
  std::int16_t latitude = 0;   ///< tenths of a degree
  std::int16_t longitude = 0;  ///< -1799 to 1800
  bool operator==(const WeatherCell&) const = default;
  /// Nothing for what is not on the globe.
  static std::optional<WeatherCell> of(double latitude, double longitude);
};
/// What to ask the service for, without "?" and without key: "latitude=51.5&longitude=-0.1&current=…".
std::string weather_query(WeatherFormat format, WeatherCell cell);

/// Where reports are kept: shared memory of the server, a file of the tool. Asking for a cell that is not
/// there, or is old, may start a fetch that nobody waits for.
class WeatherSource {
 public:
  virtual ~WeatherSource() = default;
  /// The latest report for the cell that may still be used. Does not throw.
  virtual std::optional<WeatherReport> find(WeatherCell cell, std::int64_t now_us) = 0;
};

}  // namespace personalize::plugins
