// What a weather report says, and where each weather service says it. A new attribute of weather.* is a row of
// `weather_fields` and a row of each service that knows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string_view>

#include "plugins/plugin.h"

namespace personalize::plugins {

enum class Condition : std::uint8_t { unknown, clear, clouds, fog, drizzle, rain, snow, thunderstorm };
inline constexpr std::string_view condition_names[] = {"clear", "clouds", "fog",         "drizzle",
                                                       "rain",  "snow",   "thunderstorm"};

struct WeatherField {
  AttributeRow attribute;
  /// Anything else is not believed. Booleans are 0 or 1, words count from 1.
  double lowest;
  double highest;

  constexpr bool is_number() const { return attribute.type.kind == rules::Kind::real; }
};

inline constexpr WeatherField weather_fields[] = {
    {{"condition", {rules::Kind::string}, "clear, clouds, fog, drizzle, rain, snow or thunderstorm", condition_names},
     1,
     std::size(condition_names)},
    {{"raining", {rules::Kind::boolean}, "water is falling, be it drizzle or a thunderstorm"}, 0, 1},
    {{"snowing", {rules::Kind::boolean}, "snow is falling"}, 0, 1},
    {{"temperature_c", {rules::Kind::real}, "degrees Celsius"}, -100, 70},
    {{"feels_like_c", {rules::Kind::real}, "degrees Celsius with wind and humidity"}, -100, 70},
    {{"wind_kmh", {rules::Kind::real}, "kilometres per hour"}, 0, 600},
    {{"humidity", {rules::Kind::real}, "relative, per cent"}, 0, 100},
    {{"is_day", {rules::Kind::boolean}, "the sun is up"}, 0, 1},
};
inline constexpr std::size_t weather_field_count = std::size(weather_fields);

/// A row of `weather_fields`, by its name: one that does not exist does not compile in a constant.
struct WeatherFieldId {
  constexpr WeatherFieldId(const char* name) : index(0) {
    while (weather_fields[index].attribute.name != name)
      if (++index == weather_field_count) throw std::invalid_argument(name);
  }
  constexpr explicit WeatherFieldId(std::size_t index) : index(index) {}
  constexpr const WeatherField& row() const { return weather_fields[index]; }
  std::size_t index;
};

/// How a value in a service's answer is read.
enum class WeatherReading : std::uint8_t {
  number,
  temperature,  ///< a number in the answer's unit of temperature
  speed,        ///< a number in the answer's unit of speed
  amount,       ///< true if it is more than 0
  flag,         ///< 0 or 1
  wmo_code,     ///< of a condition
  wmo_rain,     ///< true for the code of a condition in which water falls
  wmo_snow,
  owm_code,
  owm_rain,  ///< the same for any of the conditions in a list
  owm_snow,
  owm_icon,  ///< "10n": it is night
  owm_sun,   ///< the answer's time is between sunrise and sunset
};

/// The first row of a field that can be read counts; of rows that say whether something falls, the first that says yes.
struct WeatherSourceRow {
  WeatherFieldId field;
  std::string_view path;  ///< in the answer, "main/temp"; empty: the answer itself
  WeatherReading reading;
  std::string_view older_path = {};  ///< where older answers say it
};

/// https://open-meteo.com/en/docs: under "current", and these are asked for in this order.
inline constexpr WeatherSourceRow open_meteo_rows[] = {
    {"temperature_c", "temperature_2m", WeatherReading::temperature, "temperature"},
    {"feels_like_c", "apparent_temperature", WeatherReading::temperature},
    {"humidity", "relative_humidity_2m", WeatherReading::number},
    {"is_day", "is_day", WeatherReading::flag},
    {"raining", "rain", WeatherReading::amount},
    {"raining", "showers", WeatherReading::amount},
    {"snowing", "snowfall", WeatherReading::amount},
    {"condition", "weather_code", WeatherReading::wmo_code, "weathercode"},
    {"raining", "weather_code", WeatherReading::wmo_rain, "weathercode"},
    {"snowing", "weather_code", WeatherReading::wmo_snow, "weathercode"},
    {"wind_kmh", "wind_speed_10m", WeatherReading::speed, "windspeed"},
};

/// https://openweathermap.org/current
inline constexpr WeatherSourceRow open_weather_map_rows[] = {
    {"temperature_c", "main/temp", WeatherReading::temperature},
    {"feels_like_c", "main/feels_like", WeatherReading::temperature},
    {"humidity", "main/humidity", WeatherReading::number},
    {"is_day", "weather/0/icon", WeatherReading::owm_icon},
    {"is_day", "", WeatherReading::owm_sun},
    {"raining", "rain/1h", WeatherReading::amount},
    {"raining", "rain/3h", WeatherReading::amount},
    {"snowing", "snow/1h", WeatherReading::amount},
    {"snowing", "snow/3h", WeatherReading::amount},
    {"condition", "weather/0/id", WeatherReading::owm_code},  // the first is the primary one
    {"raining", "weather", WeatherReading::owm_rain},
    {"snowing", "weather", WeatherReading::owm_snow},
    {"wind_kmh", "wind/speed", WeatherReading::speed},
};

struct WeatherService {
  std::string_view name;
  std::string_view latitude;  ///< names of parameters
  std::string_view longitude;
  std::string_view parameter;  ///< the last one
  bool lists_fields;           ///< its value is the list of what is asked for
  std::span<const WeatherSourceRow> rows;
};

enum class WeatherFormat : std::uint8_t { open_meteo, open_weather_map };
/// By WeatherFormat.
inline constexpr WeatherService weather_services[] = {
    {"open_meteo", "latitude", "longitude", "current=", true, open_meteo_rows},
    {"openweathermap", "lat", "lon", "units=metric", false, open_weather_map_rows},
};

}  // namespace personalize::plugins
