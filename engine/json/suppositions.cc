#include "engine/json/suppositions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/json/moment.h"
#include "engine/json/value_json.h"
#include "plugins/profile/typed_value.h"
#include "rules/cel/timestamps.h"
#include "rules/text/ascii.h"

namespace personalize::engine::json {
namespace {

using rules::Kind;
using rules::Value;
using Read = tl::expected<Value, std::string>;

struct Range {
  std::string_view attribute;
  double lowest, highest;
};
constexpr Range ranges[] = {
    {"geo.latitude", -90, 90},
    {"geo.longitude", -180, 180},
    {"time.hour", 0, 23},
    {"time.minute", 0, 59},
    {"time.minute_of_day", 0, 1439},
    {"time.weekday_number", 1, 7},
    {"time.day", 1, 31},
    {"time.month", 1, 12},
    {"time.year", 1, 9999},
    {"time.week", 1, 53},
    {"time.day_of_year", 1, 366},
    {"weather.humidity", 0, 100},
    {"weather.age_s", 0, 1e9},
    {"weather.temperature_c", -100, 70},
    {"weather.wind_kmh", 0, 600},
};

std::string example_of(const rules::Type& type) {
  switch (type.kind) {
    case Kind::boolean: return "true or false";
    case Kind::int64:
    case Kind::uint64: return "a whole number";
    case Kind::real: return "a number such as 12.5";
    case Kind::timestamp: return "a time such as 2026-12-24T18:00+01:00";
    case Kind::duration: return "seconds such as 90";
    case Kind::list: return "a list such as [\"a\", \"b\"]";
    case Kind::map: return "a map such as {\"a\": \"b\"}";
    default: return rules::to_string(type);
  }
}

Read moment_value(const Json& json, bool is_text) {
  if (json.is_number_integer()) return rules::cel::make_timestamp(json.get<std::int64_t>(), 0);
  std::string text = json.is_string() ? json.get<std::string>() : json.dump();
  if (is_text && text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (is_text && !text.empty() && text.find_first_not_of("0123456789") == text.npos && text.size() > 8)
    return rules::cel::make_timestamp(std::stoll(text.substr(0, 18)), 0);
  const auto moment = parse_moment(text);
  if (!moment) return tl::unexpected(moment.error());
  const std::int64_t micros = (*moment % 1'000'000 + 1'000'000) % 1'000'000;
  return rules::cel::make_timestamp((*moment - micros) / 1'000'000, micros * 1000);
}

/// What people type: JSON if it is of the type, else as a profile's field is written.
Read typed_text(const std::string& text, const rules::Type& type, rules::Arena& arena) {
  const Json parsed = Json::parse(text, nullptr, false);
  if (!parsed.is_discarded())
    if (Read value = from_json(parsed, type, arena)) return value;
  const Value value = plugins::typed_value(rules::copy(arena, text), type, arena);
  if (value.missing()) return tl::unexpected(fmt::format("\"{}\" is not {}", text, example_of(type)));
  return value;
}

Read read_value(const Json& json, const rules::Type& type, bool is_text, rules::Arena& arena) {
  if (type.kind == Kind::timestamp && !json.is_null() && json != "null") return moment_value(json, is_text);
  return is_text ? typed_text(json.get_ref<const std::string&>(), type, arena) : from_json(json, type, arena);
}

std::optional<double> number_of(const Value& value) {
  if (value.is(Kind::int64)) return static_cast<double>(value.as_int64());
  if (value.is(Kind::real)) return value.as_real();
  return std::nullopt;
}

bool is_zone(std::string_view name) {
  return name.find('/') != name.npos || name == "UTC" || name == "GMT" ? rules::cel::zone_offset(name, 0).has_value()
                                                                       : false;
}

/// Why the text, or a text of the list, is none of the values, if there are any; or empty.
std::string unlisted(const std::vector<std::string>& values, const Value& value) {
  if (value.is(Kind::list)) {
    for (const Value& element : value.as_list())
      if (std::string why = unlisted(values, element); !why.empty()) return why;
    return {};
  }
  if (values.empty() || !value.is(Kind::string) || std::ranges::find(values, value.text()) != values.end()) return {};
  std::vector<std::string_view> named;
  std::ranges::copy_if(values, std::back_inserter(named), [](const std::string& known) { return !known.empty(); });
  return fmt::format("\"{}\" is not one of {}", value.text(), fmt::join(named, ", "));
}

bool is_country_code(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// Why the attribute cannot have that value, or empty.
std::string objection(const rules::Attribute& attribute, const Value& value) {
  if (std::string why = unlisted(attribute.values, value); !why.empty()) return why;
  if ((attribute.name == "geo.time_zone" || attribute.name == "time.zone") && value.is(Kind::string) &&
      !is_zone(value.text()))
    return fmt::format("\"{}\" is not a time zone; write it like Europe/London", value.text());
  if (attribute.name == "geo.country" && value.is(Kind::string) && !is_country_code(value.text()))
    return fmt::format("\"{}\" is not a country's code such as AT", value.text());
  if (attribute.name == "request.host" && value.is(Kind::string) &&
      value.text() != rules::text::ascii_lower(value.text()))
    return fmt::format("\"{}\" must be in lower case, as rules see it", value.text());
  if (attribute.name == "request.path" && value.is(Kind::string) && !value.text().starts_with('/'))
    return fmt::format("\"{}\" must begin with /", value.text());
  for (const Range& range : ranges)
    if (const auto number = number_of(value); number && attribute.name == range.attribute)
      if (*number < range.lowest || *number > range.highest)
        return fmt::format("{} is not from {} to {}", *number, range.lowest, range.highest);
  return {};
}

}  // namespace

tl::expected<Suppositions, std::string> Suppositions::read(const Json& values, const Json& texts,
                                                           const rules::Schema& schema) {
  Suppositions read(schema);
  for (const auto& [name, value] : values.items())
    if (auto added = read.add(name, value, false); !added) return tl::unexpected(added.error());
  for (const auto& [name, value] : texts.items())
    if (auto added = read.add(name, value, true); !added) return tl::unexpected(added.error());
  return read;
}

Suppositions::Added Suppositions::add(const std::string& name, const Json& value, bool is_text) {
  const auto refused = [&](const std::string& why) {
    return tl::unexpected(fmt::format("request: attribute {}: {}", name, why));
  };
  if (const auto id = schema_->find(name)) {
    const Read supposed = read_value(value, (*schema_)[*id].type, is_text, arena());
    if (!supposed) return refused(supposed.error());
    if (const std::string why = objection((*schema_)[*id], *supposed); !why.empty()) return refused(why);
    values_[*id] = *supposed;
    return {};
  }
  // An entry of a map, whose own name may have dots: request.query.color.
  for (std::size_t dot = name.rfind('.'); dot != name.npos && dot != 0; dot = name.rfind('.', dot - 1)) {
    const auto map = schema_->find(name.substr(0, dot));
    if (!map || (*schema_)[*map].type.kind != Kind::map || dot + 1 == name.size()) continue;
    const Read supposed = read_value(value, {.kind = (*schema_)[*map].type.element}, is_text, arena());
    if (!supposed) return refused(supposed.error());
    entries_[*map][schema_->key(*map, name.substr(dot + 1))] = *supposed;
    return {};
  }
  const std::string_view near = schema_->suggestion(name);
  return tl::unexpected("request: there is no attribute " + name +
                        (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
}

std::optional<Value> Suppositions::find(std::string_view attribute) const {
  const auto id = schema_->find(attribute);
  const auto found = id ? values_.find(*id) : values_.end();
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string_view> Suppositions::text(std::string_view attribute) const {
  const auto value = find(attribute);
  return value && value->is(Kind::string) ? std::optional(value->text()) : std::nullopt;
}

std::optional<std::int64_t> Suppositions::integer(std::string_view attribute) const {
  const auto value = find(attribute);
  return value && value->is(Kind::int64) ? std::optional(value->as_int64()) : std::nullopt;
}

const Suppositions::Entries& Suppositions::entries(std::string_view attribute) const {
  static const Entries none;
  const auto id = schema_->find(attribute);
  const auto found = id ? entries_.find(*id) : entries_.end();
  return found == entries_.end() ? none : found->second;
}

void Suppositions::imply(std::string_view attribute, Value value) {
  if (const auto id = schema_->find(attribute)) values_.try_emplace(*id, value);
}

}  // namespace personalize::engine::json
