// personalize probe cel: CEL values as CEL's own JSON has them.
#include <cmath>
#include <memory_resource>
#include <string>
#include <vector>

#include "cli/probe/probes.h"
#include "rules/cel/conversions.h"
#include "rules/cel/encoding.h"
#include "rules/cel/program.h"

namespace personalize::cli {
namespace {

using rules::Kind;
using rules::MapEntry;
using rules::Value;

constexpr int max_nesting = 100;

std::string_view copy(const std::string& text, rules::Arena& arena) {
  char* memory = static_cast<char*>(arena.allocate(text.size() + 1, 1));
  text.copy(memory, text.size());
  return {memory, text.size()};
}

double real_from(const Json& json) {
  if (json.is_number()) return json.get<double>();
  return std::stod(json.get<std::string>());
}

Value value_from(const Json& json, rules::Arena& arena, int depth);

Value list_from(const Json& json, rules::Arena& arena, int depth) {
  static const Json none = Json::array();
  const Json& values = json.is_object() && json.contains("values") ? json["values"] : none;
  auto* list = static_cast<Value*>(arena.allocate(sizeof(Value) * (values.size() + 1), alignof(Value)));
  std::size_t count = 0;
  for (const Json& value : values) new (&list[count++]) Value(value_from(value, arena, depth + 1));
  return Value::list({list, count});
}

Value map_from(const Json& json, rules::Arena& arena, int depth) {
  static const Json none = Json::array();
  const Json& entries = json.is_object() && json.contains("entries") ? json["entries"] : none;
  auto* map = static_cast<MapEntry*>(arena.allocate(sizeof(MapEntry) * (entries.size() + 1), alignof(MapEntry)));
  std::size_t count = 0;
  for (const Json& entry : entries) {
    new (&map[count++])
        MapEntry{value_from(entry.at("key"), arena, depth + 1), value_from(entry.at("value"), arena, depth + 1)};
  }
  return Value::map({map, count});
}

Value value_from(const Json& json, rules::Arena& arena, int depth) {
  if (depth > max_nesting) throw std::runtime_error("value is nested too deeply");
  if (!json.is_object() || json.empty()) throw std::runtime_error("expected a value like {\"int64Value\": \"1\"}");
  const std::string& kind = json.begin().key();
  const Json& v = json.begin().value();
  if (kind == "boolValue") return Value::boolean(v.get<bool>());
  if (kind == "int64Value")
    return Value::int64(v.is_string() ? std::stoll(v.get<std::string>()) : v.get<std::int64_t>());
  if (kind == "uint64Value")
    return Value::uint64(v.is_string() ? std::stoull(v.get<std::string>()) : v.get<std::uint64_t>());
  if (kind == "doubleValue") return Value::real(real_from(v));
  if (kind == "stringValue") return Value::string(copy(v.get<std::string>(), arena));
  if (kind == "nullValue") return Value::null();
  if (kind == "typeValue") return Value::type(copy(v.get<std::string>(), arena));
  if (kind == "listValue") return list_from(v, arena, depth);
  if (kind == "mapValue") return map_from(v, arena, depth);
  if (kind == "bytesValue") {
    const auto bytes = rules::cel::base64_decode(v.get<std::string>());
    if (!bytes) throw std::runtime_error("bytesValue is not base64");
    return Value::bytes(copy(*bytes, arena));
  }
  throw std::runtime_error("unknown kind of value " + kind);
}

// Doubles that JSON cannot represent are strings, as in protobuf's JSON; zero has no sign, as in JavaScript.
Json real_json(double value) {
  if (value == 0) return 0.0;
  if (std::isfinite(value)) return value;
  return rules::cel::real_text(value);
}

Json value_json(const Value& value) {
  switch (value.kind()) {
    case Kind::missing:
    case Kind::null: return {{"nullValue", nullptr}};
    case Kind::boolean: return {{"boolValue", value.as_bool()}};
    case Kind::int64: return {{"int64Value", std::to_string(value.as_int64())}};
    case Kind::uint64: return {{"uint64Value", std::to_string(value.as_uint64())}};
    case Kind::real: return {{"doubleValue", real_json(value.as_real())}};
    case Kind::string: return {{"stringValue", value.text()}};
    case Kind::bytes: return {{"bytesValue", rules::cel::base64_encode(value.text())}};
    case Kind::type: return {{"typeValue", value.text()}};
    case Kind::error: return {{"error", value.text()}};
    case Kind::timestamp:
      return {
          {"objectValue",
           {{"@type", "type.googleapis.com/google.protobuf.Timestamp"}, {"value", rules::cel::scalar_text(value)}}}};
    case Kind::duration:
      return {{"objectValue",
               {{"@type", "type.googleapis.com/google.protobuf.Duration"}, {"value", rules::cel::scalar_text(value)}}}};
    case Kind::optional: {
      Json json = Json::object();
      if (value.as_optional()) json["value"] = value_json(*value.as_optional());
      return {{"optionalValue", json}};
    }
    case Kind::list: {
      Json values = Json::array();
      for (const Value& element : value.as_list()) values.push_back(value_json(element));
      return {{"listValue", {{"values", values}}}};
    }
    case Kind::map: break;
  }
  Json entries = Json::array();
  for (const MapEntry& entry : value.as_map()) {
    entries.push_back({{"key", value_json(entry.key)}, {"value", value_json(entry.value)}});
  }
  return {{"mapValue", {{"entries", entries}}}};
}

}  // namespace

// Variables have no declared types here, so nothing that could only fail at evaluation is refused.
Json probe_cel(const Json& input) {
  std::pmr::monotonic_buffer_resource arena;
  rules::Schema schema;
  std::vector<Value> values;
  if (input.contains("vars")) {
    for (const auto& [name, value] : input["vars"].items()) {
      schema.add(name, rules::Type{});
      values.push_back(value_from(value, arena, 0));
    }
  }
  rules::cel::Environment environment(schema);
  environment.set_unchecked(true);
  environment.set_container(input.value("container", ""));
  std::vector<rules::cel::Error> errors;
  const auto program = rules::cel::Program::compile(input.at("expr").get<std::string>(), environment, errors,
                                                    rules::cel::Program::Result::any);
  if (!program) return {{"error", std::to_string(errors[0].offset) + ": " + errors[0].message}};
  rules::Context context(schema, arena);
  for (std::size_t i = 0; i < values.size(); ++i) context.set(static_cast<rules::AttributeId>(i), values[i]);
  const Value result = program->evaluate(context, arena);
  if (result.is(Kind::error)) return {{"error", result.text()}};
  return {{"value", value_json(result)}};
}

}  // namespace personalize::cli
