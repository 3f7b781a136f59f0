#include "engine/json/value_json.h"

#include <date/date.h>

#include <chrono>
#include <cmath>

#include "rules/cel/timestamps.h"

namespace personalize::engine::json {
namespace {

using rules::Kind;
using rules::Value;

std::string rfc3339(std::int64_t seconds) {
  return date::format("%FT%TZ", date::sys_seconds(std::chrono::seconds(seconds)));
}

using Result = tl::expected<Value, std::string>;

Result wrong_type(const Json& json, const rules::Type& type) {
  return tl::unexpected(json.dump() + " is not of type " + rules::to_string(type));
}

Result timestamp(const Json& json, const rules::Type& type) {
  if (json.is_number()) return Value::timestamp(json.get<std::int64_t>(), 0);
  if (!json.is_string()) return wrong_type(json, type);
  const auto timestamp = rules::cel::parse_timestamp(json.get_ref<const std::string&>());
  return timestamp ? Result(*timestamp) : wrong_type(json, type);
}

Result scalar(const Json& json, Kind kind, const rules::Type& type, rules::Arena& arena);

template <typename Element>
Element* allocate(rules::Arena& arena, std::size_t count) {
  return static_cast<Element*>(arena.allocate(count * sizeof(Element) + 1, alignof(Element)));
}

Result list(const Json& json, const rules::Type& type, rules::Arena& arena) {
  if (!json.is_array()) return wrong_type(json, type);
  auto* elements = allocate<Value>(arena, json.size());
  std::size_t count = 0;
  for (const Json& item : json) {
    Result element = scalar(item, type.element, type, arena);
    if (!element) return element;
    new (elements + count++) Value(*element);
  }
  return Value::list({elements, count});
}

Result map(const Json& json, const rules::Type& type, rules::Arena& arena) {
  if (!json.is_object()) return wrong_type(json, type);
  auto* entries = allocate<rules::MapEntry>(arena, json.size());
  std::size_t count = 0;
  for (const auto& [key, item] : json.items()) {
    Result value = scalar(item, type.element, type, arena);
    if (!value) return value;
    new (entries + count++) rules::MapEntry{Value::string(rules::copy(arena, key)), *value};
  }
  return Value::map({entries, count});
}

/// What JSON itself says of its type, for `dyn`.
Kind natural_kind(const Json& json) {
  if (json.is_boolean()) return Kind::boolean;
  if (json.is_number_integer()) return Kind::int64;
  if (json.is_number()) return Kind::real;
  if (json.is_string()) return Kind::string;
  if (json.is_array()) return Kind::list;
  if (json.is_object()) return Kind::map;
  return Kind::null;
}

Result scalar(const Json& json, Kind kind, const rules::Type& type, rules::Arena& arena) {
  if (kind == Kind::missing) kind = natural_kind(json);
  switch (kind) {
    case Kind::boolean:
      if (json.is_boolean()) return Value::boolean(json.get<bool>());
      break;
    case Kind::int64:
      if (json.is_number_integer()) return Value::int64(json.get<std::int64_t>());
      break;
    case Kind::uint64:
      if (json.is_number_unsigned()) return Value::uint64(json.get<std::uint64_t>());
      break;
    case Kind::real:
      if (json.is_number()) return Value::real(json.get<double>());
      break;
    case Kind::string:
      if (json.is_string()) return Value::string(rules::copy(arena, json.get<std::string>()));
      break;
    case Kind::timestamp: return timestamp(json, type);
    case Kind::duration:
      if (json.is_number_integer()) return Value::duration(json.get<std::int64_t>(), 0);
      break;
    case Kind::null: return Value::null();
    case Kind::list: return list(json, {.kind = Kind::list}, arena);
    case Kind::map: return map(json, {.kind = Kind::map}, arena);
    default: break;
  }
  return wrong_type(json, type);
}

}  // namespace

Json to_json(const Value& value) {
  switch (value.kind()) {
    case Kind::missing:
    case Kind::null: return nullptr;
    case Kind::boolean: return value.as_bool();
    case Kind::int64: return value.as_int64();
    case Kind::uint64: return value.as_uint64();
    case Kind::real: return value.as_real();
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
    case Kind::error: return std::string(value.text());
    case Kind::timestamp: return rfc3339(value.seconds());
    case Kind::duration: return static_cast<double>(value.seconds()) + value.nanos() / 1e9;
    case Kind::optional: return value.as_optional() ? to_json(*value.as_optional()) : Json(nullptr);
    case Kind::list: {
      Json list = Json::array();
      for (const Value& element : value.as_list()) list.push_back(to_json(element));
      return list;
    }
    case Kind::map: {
      Json map = Json::object();
      for (const rules::MapEntry& entry : value.as_map()) {
        const Json key = to_json(entry.key);
        map[key.is_string() ? key.get<std::string>() : key.dump()] = to_json(entry.value);
      }
      return map;
    }
  }
  return nullptr;
}

Result from_json(const Json& json, const rules::Type& type, rules::Arena& arena) {
  if (json.is_null()) return Value();
  if (type.kind == Kind::list) return list(json, type, arena);
  if (type.kind == Kind::map) return map(json, type, arena);
  return scalar(json, type.kind, type, arena);
}

}  // namespace personalize::engine::json
