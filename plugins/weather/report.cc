#include "plugins/weather/report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace personalize::plugins {
namespace {

using nlohmann::json;

const json* find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::optional<double> number(const json& object, const char* key) {
  const json* value = find(object, key);
  if (!value || !value->is_number()) return std::nullopt;
  const double real = value->get<double>();
  return std::isfinite(real) ? std::optional(real) : std::nullopt;
}

std::optional<double> first_number(const json& object, const char* key, const char* other) {
  const auto value = number(object, key);
  return value ? value : number(object, other);
}

int code(const json& object, const char* key, const char* other) {
  const auto value = first_number(object, key, other);
  return value && std::abs(*value) < 10'000 ? static_cast<int>(*value) : -1;
}

bool plausible_celsius(double degrees) { return degrees > -100 && degrees < 70; }

/// Adds the numbers; false without a plausible temperature. Degrees Celsius, km/h, per cent.
bool fill(WeatherReport& report, std::optional<double> temperature, std::optional<double> feels_like,
          std::optional<double> wind, std::optional<double> humidity) {
  if (!temperature || !plausible_celsius(*temperature)) return false;
  report.temperature_c = static_cast<float>(*temperature);
  report.has_feels_like = feels_like && plausible_celsius(*feels_like);
  if (report.has_feels_like) report.feels_like_c = static_cast<float>(*feels_like);
  report.has_wind = wind && *wind >= 0 && *wind < 600;
  if (report.has_wind) report.wind_kmh = static_cast<float>(*wind);
  report.has_humidity = humidity && *humidity >= 0 && *humidity <= 100;
  if (report.has_humidity) report.humidity = static_cast<float>(*humidity);
  return true;
}

void derive_rain_and_snow(WeatherReport& report, bool measured_rain, bool measured_snow) {
  report.snowing = report.condition == Condition::snow || measured_snow;
  report.raining = report.condition == Condition::drizzle || report.condition == Condition::rain ||
                   report.condition == Condition::thunderstorm || measured_rain;
}

std::string unit(const json& units, const char* key) {
  const json* value = find(units, key);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::optional<WeatherReport> parse_open_meteo(const json& answer) {
  const json* current = find(answer, "current");
  const json* units = find(answer, "current_units");
  if (!current) {  // the older form
    current = find(answer, "current_weather");
    units = find(answer, "current_weather_units");
  }
  if (!current) return std::nullopt;
  const json none = json::object();
  const json& u = units ? *units : none;

  const bool fahrenheit = (unit(u, "temperature_2m") + unit(u, "temperature")).find('F') != std::string::npos;
  const auto celsius = [&](std::optional<double> degrees) {
    return degrees && fahrenheit ? std::optional((*degrees - 32) / 1.8) : degrees;
  };
  const std::string wind_unit = unit(u, "wind_speed_10m") + unit(u, "windspeed");
  const double to_kmh = wind_unit == "m/s"                          ? 3.6
                        : wind_unit == "mp/h" || wind_unit == "mph" ? 1.609344
                        : wind_unit == "kn"                         ? 1.852
                                                                    : 1.0;
  auto wind = first_number(*current, "wind_speed_10m", "windspeed");
  if (wind) *wind *= to_kmh;

  WeatherReport report;
  report.condition = condition_of_wmo_code(code(*current, "weather_code", "weathercode"));
  if (!fill(report, celsius(first_number(*current, "temperature_2m", "temperature")),
            celsius(number(*current, "apparent_temperature")), wind, number(*current, "relative_humidity_2m")))
    return std::nullopt;
  report.is_day = number(*current, "is_day").value_or(1) != 0;
  derive_rain_and_snow(report, number(*current, "rain").value_or(0) > 0 || number(*current, "showers").value_or(0) > 0,
                       number(*current, "snowfall").value_or(0) > 0);
  return report;
}

std::optional<WeatherReport> parse_open_weather_map(const json& answer) {
  const json* main = find(answer, "main");
  const json* list = find(answer, "weather");
  if (!main) return std::nullopt;
  const json none = json::object();
  const json& weather = list && list->is_array() && !list->empty() ? list->front() : none;
  const json* wind_object = find(answer, "wind");

  const bool kelvin = number(*main, "temp").value_or(0) > 150;  // asked for without units=metric
  const auto celsius = [&](std::optional<double> degrees) {
    return degrees && kelvin ? std::optional(*degrees - 273.15) : degrees;
  };
  auto wind = wind_object ? number(*wind_object, "speed") : std::nullopt;
  if (wind) *wind *= 3.6;  // m/s in both units

  WeatherReport report;
  report.condition = condition_of_owm_code(code(weather, "id", "id"));
  if (!fill(report, celsius(number(*main, "temp")), celsius(number(*main, "feels_like")), wind,
            number(*main, "humidity")))
    return std::nullopt;
  const json* sun = find(answer, "sys");
  const auto now = number(answer, "dt");
  const auto rise = sun ? number(*sun, "sunrise") : std::nullopt, set = sun ? number(*sun, "sunset") : std::nullopt;
  const std::string icon = unit(weather, "icon");
  if (!icon.empty())
    report.is_day = icon.back() != 'n';
  else if (now && rise && set)
    report.is_day = *now >= *rise && *now < *set;
  derive_rain_and_snow(report, find(answer, "rain") != nullptr, find(answer, "snow") != nullptr);
  return report;
}

}  // namespace

std::string_view to_string(Condition condition) { return condition_names[static_cast<std::size_t>(condition)]; }

std::optional<WeatherFormat> parse_weather_format(std::string_view name) {
  if (name == "open_meteo") return WeatherFormat::open_meteo;
  if (name == "openweathermap") return WeatherFormat::open_weather_map;
  return std::nullopt;
}

std::optional<WeatherReport> parse_weather(WeatherFormat format, std::string_view text) {
  if (text.size() > max_weather_bytes) return std::nullopt;
  const json answer = json::parse(text, nullptr, false);
  if (answer.is_discarded()) return std::nullopt;
  return format == WeatherFormat::open_meteo ? parse_open_meteo(answer) : parse_open_weather_map(answer);
}

Condition condition_of_wmo_code(int code) {
  switch (code) {
    case 0:
    case 1: return Condition::clear;
    case 2:
    case 3: return Condition::clouds;
    case 45:
    case 48: return Condition::fog;
    case 51:
    case 53:
    case 55:
    case 56:
    case 57: return Condition::drizzle;
    case 61:
    case 63:
    case 65:
    case 66:
    case 67:
    case 80:
    case 81:
    case 82: return Condition::rain;
    case 71:
    case 73:
    case 75:
    case 77:
    case 85:
    case 86: return Condition::snow;
    case 95:
    case 96:
    case 99: return Condition::thunderstorm;
    default: return Condition::unknown;
  }
}

Condition condition_of_owm_code(int code) {
  if (code == 800) return Condition::clear;
  if (code == 771 || code == 781) return Condition::thunderstorm;  // squall, tornado
  switch (code / 100) {
    case 2: return Condition::thunderstorm;
    case 3: return Condition::drizzle;
    case 5: return Condition::rain;
    case 6: return Condition::snow;
    case 7: return Condition::fog;  // mist, haze, smoke, dust
    case 8: return Condition::clouds;
    default: return Condition::unknown;
  }
}

std::optional<WeatherCell> WeatherCell::of(double latitude, double longitude) {
  if (!(std::abs(latitude) <= 90) || !(std::abs(longitude) <= 180)) return std::nullopt;
  WeatherCell cell{static_cast<std::int16_t>(std::lround(latitude * 10)),
                   static_cast<std::int16_t>(std::lround(longitude * 10))};
  if (cell.longitude == -1800) cell.longitude = 1800;
  return cell;
}

std::string weather_query(WeatherFormat format, WeatherCell cell) {
  const double latitude = cell.latitude / 10.0, longitude = cell.longitude / 10.0;
  if (format == WeatherFormat::open_weather_map)
    return fmt::format("lat={:.1f}&lon={:.1f}&units=metric", latitude, longitude);
  return fmt::format(
      "latitude={:.1f}&longitude={:.1f}&current=temperature_2m,apparent_temperature,relative_humidity_2m,is_"
      "day,rain,"
      "showers,snowfall,weather_code,wind_speed_10m",
      latitude, longitude);
}

}  // namespace personalize::plugins
