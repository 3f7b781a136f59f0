#include "plugins/weather/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>

namespace personalize::plugins {
namespace {

using nlohmann::json;

constexpr double not_said = std::numeric_limits<double>::quiet_NaN();

const json* find(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

/// What "main/temp" or "weather/0/id" leads to, or null.
const json* follow(const json& answer, std::string_view path) {
  const json* value = &answer;
  while (value && !path.empty()) {
    const std::string_view step = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(step.size() + 1, path.size()));
    if (value->is_array()) {
      value = step == "0" && !value->empty() ? &value->front() : nullptr;
    } else {
      value = find(*value, step);
    }
  }
  return value;
}

double number(const json* value) {
  const double real = value && value->is_number() ? value->get<double>() : not_said;
  return std::isfinite(real) ? real : not_said;
}

std::string text(const json* value) { return value && value->is_string() ? value->get<std::string>() : std::string(); }

/// The units of an answer's numbers; by default Celsius and km/h.
struct Units {
  double freezing_point = 0;
  double degree = 1;
  double kmh = 1;
};

double condition(Condition (*of_code)(int), double code) {
  if (std::isnan(code)) return not_said;
  return static_cast<double>(of_code(std::abs(code) < 10'000 ? static_cast<int>(code) : -1));
}

double sun_is_up(const json& answer) {
  const double now = number(follow(answer, "dt"));
  const double rise = number(follow(answer, "sys/sunrise")), set = number(follow(answer, "sys/sunset"));
  return std::isnan(now + rise + set) ? not_said : now >= rise && now < set;
}

double read(const json& value, WeatherReading reading, const Units& units) {
  const double real = number(&value);
  switch (reading) {
    case WeatherReading::number: return real;
    case WeatherReading::temperature: return (real - units.freezing_point) / units.degree;
    case WeatherReading::speed: return real * units.kmh;
    case WeatherReading::amount: return real > 0 ? 1 : not_said;
    case WeatherReading::flag: return std::isnan(real) ? not_said : real != 0;
    case WeatherReading::presence: return 1;
    case WeatherReading::wmo_code: return condition(condition_of_wmo_code, real);
    case WeatherReading::owm_code: return condition(condition_of_owm_code, real);
    case WeatherReading::owm_icon: return text(&value).empty() ? not_said : text(&value).back() != 'n';
    case WeatherReading::owm_sun: return sun_is_up(value);
  }
  return not_said;
}

double read(const json& answer, const WeatherSourceRow& row, const Units& units) {
  const json* value = follow(answer, row.path);
  const double result = value ? read(*value, row.reading, units) : not_said;
  if (!std::isnan(result) || row.older_path.empty()) return result;
  const json* older = follow(answer, row.older_path);
  return older ? read(*older, row.reading, units) : not_said;
}

/// Of the first row of the field.
const WeatherSourceRow& row_of(std::span<const WeatherSourceRow> rows, WeatherFieldId field) {
  const auto found =
      std::ranges::find_if(rows, [&](const WeatherSourceRow& row) { return row.field.index == field.index; });
  assert(found != rows.end());
  return *found;
}

Units open_meteo_units(const json& answer, std::span<const WeatherSourceRow> rows) {
  const auto unit = [&](WeatherFieldId field) {
    const WeatherSourceRow& row = row_of(rows, field);
    return text(find(answer, row.path)) + text(find(answer, row.older_path));
  };
  Units units;
  if (unit("temperature_c").find('F') != std::string::npos) units = {.freezing_point = 32, .degree = 1.8};
  const std::string speed = unit("wind_kmh");
  if (speed == "m/s") units.kmh = 3.6;
  if (speed == "mp/h" || speed == "mph") units.kmh = 1.609344;
  if (speed == "kn") units.kmh = 1.852;
  return units;
}

std::optional<WeatherReport> read_rows(const json& answer, std::span<const WeatherSourceRow> rows, const Units& units) {
  std::array<double, weather_field_count> values;
  values.fill(not_said);
  for (const WeatherSourceRow& row : rows)
    if (double& value = values[row.field.index]; std::isnan(value)) value = read(answer, row, units);
  WeatherReport report;
  for (std::size_t i = 0; i < values.size(); ++i) report.set(WeatherFieldId(i), values[i]);
  if (!report.get("temperature_c")) return std::nullopt;

  const auto now = static_cast<Condition>(report.get("condition").value_or(0));
  const bool wet = now == Condition::drizzle || now == Condition::rain || now == Condition::thunderstorm;
  report.set("raining", wet || report.is_true("raining"));
  report.set("snowing", now == Condition::snow || report.is_true("snowing"));
  if (!report.get("is_day")) report.set("is_day", true);
  return report;
}

std::optional<WeatherReport> parse_open_meteo(const json& answer) {
  const json* current = find(answer, "current");
  const json* units = find(answer, "current_units");
  if (!current) {  // the older form
    current = find(answer, "current_weather");
    units = find(answer, "current_weather_units");
  }
  if (!current) return std::nullopt;
  return read_rows(*current, open_meteo_rows, open_meteo_units(units ? *units : json::object(), open_meteo_rows));
}

std::optional<WeatherReport> parse_open_weather_map(const json& answer) {
  Units units{.kmh = 3.6};  // m/s in all systems
  const double temperature = number(follow(answer, row_of(open_weather_map_rows, "temperature_c").path));
  if (temperature > 150) units.freezing_point = 273.15;  // Kelvin: asked for without units=metric
  return read_rows(answer, open_weather_map_rows, units);
}

}  // namespace

std::size_t WeatherReport::position(WeatherFieldId field) {
  const bool number = field.row().is_number();
  return static_cast<std::size_t>(
      std::ranges::count_if(std::span(weather_fields).first(field.index),
                            [&](const WeatherField& row) { return row.is_number() == number; }));
}

std::optional<double> WeatherReport::get(WeatherFieldId field) const {
  const std::size_t at = position(field);
  if (field.row().is_number()) return std::isnan(numbers_[at]) ? std::nullopt : std::optional<double>(numbers_[at]);
  return others_[at] == unknown ? std::nullopt : std::optional<double>(others_[at]);
}

void WeatherReport::set(WeatherFieldId field, double value) {
  if (!(value >= field.row().lowest && value <= field.row().highest)) return;
  const std::size_t at = position(field);
  if (field.row().is_number()) {
    numbers_[at] = static_cast<float>(value);
  } else {
    others_[at] = static_cast<std::uint8_t>(value);
  }
}

std::optional<WeatherFormat> parse_weather_format(std::string_view name) {
  const auto found = std::ranges::find(weather_services, name, &WeatherService::name);
  if (found == std::end(weather_services)) return std::nullopt;
  return static_cast<WeatherFormat>(found - std::begin(weather_services));
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
  const WeatherService& service = weather_services[static_cast<std::size_t>(format)];
  std::string query = fmt::format("{}={:.1f}&{}={:.1f}&{}", service.latitude, cell.latitude / 10.0, service.longitude,
                                  cell.longitude / 10.0, service.parameter);
  if (!service.lists_fields) return query;
  for (const WeatherSourceRow& row : service.rows) query.append(row.path) += ',';
  query.pop_back();
  return query;
}

}  // namespace personalize::plugins
