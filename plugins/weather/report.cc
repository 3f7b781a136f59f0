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
#include <vector>

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
  bool has_celsius() const { return freezing_point == 0 && degree == 1; }
};

/// A code that no service has for what is none.
int code_of(double number) {
  return std::abs(number) < 10'000 && std::trunc(number) == number ? static_cast<int>(number) : -1;
}

double condition(Condition (*of_code)(int), double code) {
  return std::isnan(code) ? not_said : static_cast<double>(of_code(code_of(code)));
}

/// Whether any of the codes that are known says that it falls.
double falls(std::span<const double> codes, Condition (*of_code)(int), Falling (*falling_by)(int),
             bool Falling::*what) {
  double answer = not_said;
  for (double code : codes) {
    if (std::isnan(code) || of_code(code_of(code)) == Condition::unknown) continue;
    if (falling_by(code_of(code)).*what) return 1;
    answer = 0;
  }
  return answer;
}

double owm_falls(const json& weathers, bool Falling::*what) {
  std::vector<double> codes;
  if (weathers.is_array())
    for (const json& weather : weathers) codes.push_back(number(find(weather, "id")));
  return falls(codes, condition_of_owm_code, falling_by_owm_code, what);
}

double wmo_falls(double code, bool Falling::*what) {
  return falls({&code, 1}, condition_of_wmo_code, falling_by_wmo_code, what);
}

/// Services send two decimals at the most; what is calculated from them has no more.
double rounded(double value) { return std::round(value * 100) / 100; }

double owm_is_day(const std::string& icon) {
  if (icon.ends_with('d')) return 1;
  return icon.ends_with('n') ? 0 : not_said;
}

double sun_is_up(const json& answer) {
  const double now = number(follow(answer, "dt"));
  const double rise = number(follow(answer, "sys/sunrise")), set = number(follow(answer, "sys/sunset"));
  if (!(now > 0 && rise > 0 && set > 0)) return not_said;  // 0 is what it says where the sun does not rise or set
  return now >= rise && now < set;
}

double read(const json& value, WeatherReading reading, const Units& units) {
  const double real = number(&value);
  switch (reading) {
    case WeatherReading::number: return real;
    case WeatherReading::temperature:
      return units.has_celsius() ? real : rounded((real - units.freezing_point) / units.degree);
    case WeatherReading::speed: return units.kmh == 1 ? real : rounded(real * units.kmh);
    case WeatherReading::amount: return real >= 0 ? real > 0 : not_said;
    case WeatherReading::flag: return real == 0 || real == 1 ? real : not_said;
    case WeatherReading::wmo_code: return condition(condition_of_wmo_code, real);
    case WeatherReading::wmo_rain: return wmo_falls(real, &Falling::rain);
    case WeatherReading::wmo_snow: return wmo_falls(real, &Falling::snow);
    case WeatherReading::owm_code: return condition(condition_of_owm_code, real);
    case WeatherReading::owm_rain: return owm_falls(value, &Falling::rain);
    case WeatherReading::owm_snow: return owm_falls(value, &Falling::snow);
    case WeatherReading::owm_icon: return owm_is_day(text(&value));
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

bool tells_what_falls(WeatherReading reading) {
  constexpr WeatherReading readings[] = {WeatherReading::amount, WeatherReading::wmo_rain, WeatherReading::wmo_snow,
                                         WeatherReading::owm_rain, WeatherReading::owm_snow};
  return std::ranges::find(readings, reading) != std::end(readings);
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
  for (const WeatherSourceRow& row : rows) {
    double& value = values[row.field.index];
    if (std::isnan(value) || (tells_what_falls(row.reading) && value == 0)) {
      const double said = read(answer, row, units);
      if (!std::isnan(said)) value = said;
    }
  }
  WeatherReport report;
  for (std::size_t i = 0; i < values.size(); ++i) report.set(WeatherFieldId(i), values[i]);
  if (!report.get("temperature_c")) return std::nullopt;
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
    numbers_[at] = value;
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
    case 8: return code <= 804 ? Condition::clouds : Condition::unknown;
    default: return Condition::unknown;
  }
}

Falling falling_by_wmo_code(int code) {
  const Condition now = condition_of_wmo_code(code);
  return {.rain = now == Condition::drizzle || now == Condition::rain || now == Condition::thunderstorm,
          .snow = now == Condition::snow};
}

Falling falling_by_owm_code(int code) {
  switch (code / 100) {
    case 2: return {.rain = code < 210 || code >= 230};  // in between are thunderstorms without
    case 3:
    case 5: return {.rain = true};
    case 6: return {.rain = code >= 611 && code <= 616, .snow = true};  // sleet, and rain with snow
    default: return {};
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
  std::string_view last;
  for (const WeatherSourceRow& row : service.rows) {
    if (row.path != last) query.append(row.path) += ',';
    last = row.path;
  }
  query.pop_back();
  return query;
}

}  // namespace personalize::plugins
