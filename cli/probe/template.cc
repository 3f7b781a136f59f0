// {"template", "data", "partials", "context"} → {"output"}: Mustache as rule files have it, on any data.
#include "rules/templates/template.h"

#include <map>
#include <memory_resource>
#include <stdexcept>
#include <string>

#include "cli/probe/probes.h"

namespace personalize::cli {
namespace {

using rules::Value;

constexpr int max_depth = 64;

Value to_value(const Json& json, rules::Arena& arena, int depth = 0) {
  if (depth > max_depth) throw std::runtime_error("data nested more than " + std::to_string(max_depth) + " deep");
  std::pmr::polymorphic_allocator<> allocator(&arena);
  switch (json.type()) {
    case Json::value_t::boolean: return Value::boolean(json.get<bool>());
    case Json::value_t::number_integer: return Value::int64(json.get<std::int64_t>());
    case Json::value_t::number_unsigned: return Value::uint64(json.get<std::uint64_t>());
    case Json::value_t::number_float: return Value::real(json.get<double>());
    case Json::value_t::string: return Value::string(rules::copy(arena, json.get_ref<const std::string&>()));
    case Json::value_t::array: {
      Value* items = allocator.allocate_object<Value>(json.size());
      for (std::size_t i = 0; i < json.size(); ++i) new (items + i) Value(to_value(json[i], arena, depth + 1));
      return Value::list({items, json.size()});
    }
    case Json::value_t::object: {
      auto* entries = allocator.allocate_object<rules::MapEntry>(json.size());
      std::size_t count = 0;
      for (const auto& [key, value] : json.items())
        new (entries + count++)
            rules::MapEntry{Value::string(rules::copy(arena, key)), to_value(value, arena, depth + 1)};
      return Value::map({entries, count});
    }
    default: return Value::null();
  }
}

rules::templates::Target parse_context(const std::string& context) {
  using rules::templates::Target;
  if (context == "html") return Target::html;
  if (context == "attribute") return Target::attribute;
  if (context == "url") return Target::url;
  throw std::runtime_error("context must be html, attribute or url");
}

}  // namespace

Json probe_template(const Json& input) {
  std::map<std::string, std::string, std::less<>> partials;
  if (const auto found = input.find("partials"); found != input.end() && found->is_object())
    for (const auto& [name, source] : found->items()) partials[name] = source.get<std::string>();

  rules::templates::Environment environment;
  environment.partial = [&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = partials.find(name);
    if (found == partials.end()) return std::nullopt;
    return found->second;
  };

  std::vector<rules::templates::Error> errors;
  const auto compiled =
      rules::templates::Template::compile(input.at("template").get_ref<const std::string&>(),
                                          parse_context(input.value("context", "html")), environment, errors);
  if (!compiled) {
    const rules::templates::Error& error = errors.front();
    return {{"error", (error.partial.empty() ? "" : "partial " + error.partial + ", ") + "byte " +
                          std::to_string(error.offset) + ": " + error.message}};
  }
  std::pmr::monotonic_buffer_resource arena;
  std::pmr::string output(&arena);
  const Value data = to_value(input.value("data", Json::object()), arena);
  if (!compiled->render(data, output)) return {{"error", "the result is too large, or partials contain each other"}};
  return {{"output", std::string(output)}};
}

}  // namespace personalize::cli
