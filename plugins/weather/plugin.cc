#include "plugins/weather/plugin.h"

#include <algorithm>
#include <array>

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;

constexpr std::size_t age_s = weather_field_count;

/// What a report says, in its order, and its age.
constexpr auto weather_rows = [] {
  std::array<AttributeRow, weather_field_count + 1> rows;
  std::ranges::transform(weather_fields, rows.begin(), &WeatherField::attribute);
  rows[age_s] = {"age_s", {Kind::int64}, "seconds since the report was fetched"};
  return rows;
}();

Value value_of(const WeatherField& field, double value) {
  switch (field.attribute.type.kind) {
    case Kind::boolean: return Value::boolean(value != 0);
    case Kind::string: return Value::string(field.attribute.values[static_cast<std::size_t>(value) - 1]);
    default: return Value::real(value);
  }
}

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
  for (std::size_t i = 0; i < weather_field_count; ++i)
    if (const auto value = report->get(WeatherFieldId(i))) attributes.set(i, value_of(weather_fields[i], *value));
  attributes.set(age_s, Value::int64(std::max<std::int64_t>(0, (request.now_us - report->fetched_us) / 1'000'000)));
}

}  // namespace personalize::plugins
