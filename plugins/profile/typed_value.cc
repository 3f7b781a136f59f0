#include "plugins/profile/typed_value.h"

#include <charconv>
#include <cmath>
#include <memory_resource>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "plugins/profile/timestamp.h"
#include "rules/text/utf8.h"

namespace personalize::plugins {
namespace {

using nlohmann::json;
using rules::Arena;
using rules::Kind;
using rules::MapEntry;
using rules::Value;

constexpr int max_json_depth = 16;

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Value scalar(std::string_view text, Kind kind, Arena& arena) {
  switch (kind) {
    case Kind::string: return rules::text::is_valid_utf8(text) ? Value::string(rules::copy(arena, text)) : Value();
    case Kind::bytes: return Value::bytes(rules::copy(arena, text));
    case Kind::int64:
      if (auto number = number_in<std::int64_t>(text)) return Value::int64(*number);
      break;
    case Kind::uint64:
      if (auto number = number_in<std::uint64_t>(text)) return Value::uint64(*number);
      break;
    case Kind::real:
      if (auto number = number_in<double>(text); number && std::isfinite(*number)) return Value::real(*number);
      break;
    case Kind::boolean:
      if (text == "true" || text == "1") return Value::boolean(true);
      if (text == "false" || text == "0") return Value::boolean(false);
      break;
    case Kind::timestamp:
      if (auto time = parse_timestamp(text)) return Value::timestamp(time->seconds, time->nanos);
      break;
    case Kind::duration:
      if (text.ends_with('s')) text.remove_suffix(1);
      if (auto time = parse_seconds(text)) return Value::duration(time->seconds, time->nanos);
      break;
    default: break;
  }
  return {};
}

template <typename T>
std::span<const T> kept(const std::vector<T>& values, Arena& arena) {
  auto* copy = static_cast<T*>(arena.allocate(values.size() * sizeof(T), alignof(T)));
  std::uninitialized_copy(values.begin(), values.end(), copy);
  return {copy, values.size()};
}

/// `Kind::missing` asks for whatever it is.
Value from_json(const json& node, Kind kind, Arena& arena, int depth) {
  const bool any = kind == Kind::missing;
  if (node.is_string()) {
    const auto& text = node.get_ref<const std::string&>();
    return scalar(text, any ? Kind::string : kind, arena);
  }
  if (node.is_boolean()) return any || kind == Kind::boolean ? Value::boolean(node.get<bool>()) : Value();
  if (node.is_number()) {
    if (any) kind = node.is_number_float() ? Kind::real : Kind::int64;
    if (kind == Kind::real) return Value::real(node.get<double>());
    if (kind == Kind::boolean) return {};
    return kind == Kind::string ? Value() : scalar(node.dump(), kind, arena);
  }
  if (!any || depth == 0) return {};
  if (node.is_null()) return Value::null();
  if (node.is_array()) {
    std::vector<Value> values;
    for (const json& element : node) values.push_back(from_json(element, Kind::missing, arena, depth - 1));
    return Value::list(kept(values, arena));
  }
  std::vector<MapEntry> entries;
  for (const auto& [key, value] : node.items())
    entries.push_back({Value::string(rules::copy(arena, key)), from_json(value, Kind::missing, arena, depth - 1)});
  return Value::map(kept(entries, arena));
}

std::optional<json> parse_json(std::string_view text) {
  json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return std::nullopt;
  return parsed;
}

Value list_of(std::string_view text, Kind element, Arena& arena) {
  std::vector<Value> values;
  if (text.starts_with('[')) {
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_array()) return {};
    for (const json& node : *parsed) {
      values.push_back(from_json(node, element, arena, max_json_depth));
      if (values.back().missing()) return {};
    }
    return Value::list(kept(values, arena));
  }
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    values.push_back(scalar(part, element == Kind::missing ? Kind::string : element, arena));
    if (values.back().missing()) return {};
  }
  return Value::list(kept(values, arena));
}

Value map_of(std::string_view text, Kind element, Arena& arena) {
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return {};
  std::vector<MapEntry> entries;
  for (const auto& [key, node] : parsed->items()) {
    entries.push_back({Value::string(rules::copy(arena, key)), from_json(node, element, arena, max_json_depth)});
    if (entries.back().value.missing()) return {};
  }
  return Value::map(kept(entries, arena));
}

}  // namespace

Value typed_value(std::string_view text, const rules::Type& type, Arena& arena) {
  switch (type.kind) {
    case Kind::list: return list_of(text, type.element, arena);
    case Kind::map: return map_of(text, type.element, arena);
    case Kind::missing:
      if (const auto parsed = parse_json(text)) return from_json(*parsed, Kind::missing, arena, max_json_depth);
      return scalar(text, Kind::string, arena);
    default: return scalar(text, type.kind, arena);
  }
}

}  // namespace personalize::plugins
