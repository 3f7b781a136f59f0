#include "plugins/weather/plugin.h"

#include <algorithm>
#include <iterator>

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;

struct Row {
  std::string_view name;
  Kind kind;
  std::string_view description;
};
constexpr Row rows[] = {
    {"condition", Kind::string, "clear, clouds, fog, drizzle, rain, snow or thunderstorm"},
    {"raining", Kind::boolean, "water is falling, be it drizzle or a thunderstorm"},
    {"snowing", Kind::boolean, "snow is falling"},
    {"temperature_c", Kind::real, "degrees Celsius"},
    {"feels_like_c", Kind::real, "degrees Celsius with wind and humidity"},
    {"wind_kmh", Kind::real, "kilometres per hour"},
    {"humidity", Kind::real, "relative, per cent"},
    {"is_day", Kind::boolean, "the sun is up"},
    {"age_s", Kind::int64, "seconds since the report was fetched"},
};
static_assert(std::size(rows) == WeatherPlugin::field_count);

}  // namespace

void WeatherPlugin::attributes(rules::Schema& schema) {
  for (std::size_t i = 0; i < field_count; ++i)
    ids_[i] = schema.add("weather." + std::string(rows[i].name), {rows[i].kind}, rows[i].description).value();
}

void WeatherPlugin::activate(const rules::Schema& schema, std::span<std::uint8_t> wanted) {
  const auto latitude = schema.find("geo.latitude"), longitude = schema.find("geo.longitude");
  knows_place_ = latitude && longitude;
  if (!knows_place_) return;
  latitude_ = *latitude;
  longitude_ = *longitude;
  wanted[latitude_] = wanted[longitude_] = 1;
}

void WeatherPlugin::resolve(const Request& request, std::span<const Reply>, Attributes& attributes) const {
  if (!source_ || !knows_place_) return;
  const Value& latitude = attributes.get(latitude_);
  const Value& longitude = attributes.get(longitude_);
  if (!latitude.is(Kind::real) || !longitude.is(Kind::real)) return;
  const auto cell = WeatherCell::of(latitude.as_real(), longitude.as_real());
  if (!cell) return;
  const auto report = source_->find(*cell, request.now_us);
  if (!report) return;
  const auto set = [&](Field field, Value value) { attributes.set(ids_[field], value); };
  if (report->condition != Condition::unknown) set(condition, Value::string(to_string(report->condition)));
  set(raining, Value::boolean(report->raining));
  set(snowing, Value::boolean(report->snowing));
  set(temperature_c, Value::real(static_cast<double>(report->temperature_c)));
  if (report->has_feels_like) set(feels_like_c, Value::real(static_cast<double>(report->feels_like_c)));
  if (report->has_wind) set(wind_kmh, Value::real(static_cast<double>(report->wind_kmh)));
  if (report->has_humidity) set(humidity, Value::real(static_cast<double>(report->humidity)));
  set(is_day, Value::boolean(report->is_day));
  set(age_s, Value::int64(std::max<std::int64_t>(0, (request.now_us - report->fetched_us) / 1'000'000)));
}

}  // namespace personalize::plugins
