#include "plugins/weather/plugin.h"

#include <algorithm>
#include <iterator>

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;

constexpr AttributeRow weather_rows[] = {
    {"condition",
     {Kind::string},
     "clear, clouds, fog, drizzle, rain, snow or thunderstorm",
     std::span(condition_names).subspan(1)},
    {"raining", {Kind::boolean}, "water is falling, be it drizzle or a thunderstorm"},
    {"snowing", {Kind::boolean}, "snow is falling"},
    {"temperature_c", {Kind::real}, "degrees Celsius"},
    {"feels_like_c", {Kind::real}, "degrees Celsius with wind and humidity"},
    {"wind_kmh", {Kind::real}, "kilometres per hour"},
    {"humidity", {Kind::real}, "relative, per cent"},
    {"is_day", {Kind::boolean}, "the sun is up"},
    {"age_s", {Kind::int64}, "seconds since the report was fetched"},
};
static_assert(std::size(weather_rows) == WeatherPlugin::field_count);

}  // namespace

std::span<const AttributeRow> WeatherPlugin::attributes() const { return weather_rows; }

void WeatherPlugin::activate(Activation& activation) {
  latitude_ = activation.use("geo.latitude");
  longitude_ = activation.use("geo.longitude");
}

void WeatherPlugin::resolve(const Request& request, std::span<const Reply>, Attributes& attributes) const {
  if (!source_ || !latitude_ || !longitude_) return;
  const Value& latitude = attributes.get(*latitude_);
  const Value& longitude = attributes.get(*longitude_);
  if (!latitude.is(Kind::real) || !longitude.is(Kind::real)) return;
  const auto cell = WeatherCell::of(latitude.as_real(), longitude.as_real());
  if (!cell) return;
  const auto report = source_->find(*cell, request.now_us);
  if (!report) return;
  const auto set = [&](Field field, Value value) { attributes.set(field, value); };
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
