#include "cli/rules_schema.h"

#include <cctype>
#include <limits>
#include <string>
#include <vector>

#include "rules/load/file_format.h"

namespace personalize::cli {
namespace {

using rules::load::Format;
using rules::load::Key;
using rules::load::Object;
using rules::load::Shapes;
namespace shape = rules::load::shape;

/// "`set_attribute`" → "set_attribute", "a rule" → "rule": what an object is called among the definitions.
std::string definition_name(const Object& object) {
  std::string name;
  const std::size_t article = object.name.starts_with("a ") ? 2 : object.name.starts_with("an ") ? 3 : 0;
  for (char c : object.name.substr(article))
    if (c != '`') name += c == ' ' ? '_' : c;
  return name;
}

Json reference(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }

/// As YAML reads it: `1` is a number, `true` a boolean.
Json as_read(std::string_view text) {
  if (text == "true") return true;
  if (!text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) && text.size() < 9 &&
      text.find_first_not_of("0123456789") == text.npos)
    return std::stoi(std::string(text));
  return text;
}

/// Any scalar: the loader takes numbers and the like as text.
Json text(const Format* format) {
  Json schema = Json::object();
  for (std::string_view value : format ? format->values : std::span<const std::string_view>()) {
    schema["enum"].push_back(as_read(value));
    if (as_read(value) != Json(value)) schema["enum"].push_back(value);
  }
  if (schema.empty()) schema["type"] = {"string", "number", "boolean"};
  if (!format) return schema;
  if (!format->pattern.empty()) schema["pattern"] = format->pattern;
  for (std::string_view example : format->examples) schema["examples"].push_back(example);
  return schema;
}

Json boolean(const Format* format) {
  Json schema{{"type", "boolean"}};
  if (format)
    for (std::string_view value : format->values) schema["enum"].push_back(as_read(value));
  return schema;
}

/// One of several.
Json any_of(std::vector<Json> schemas) {
  if (schemas.size() == 1) return schemas.front();
  return {{"anyOf", std::move(schemas)}};
}

Json list_of(Json items, bool some) {
  Json schema{{"type", "array"}, {"items", std::move(items)}};
  if (some) schema["minItems"] = 1;
  return schema;
}

/// What a value of these shapes looks like, without `named` and `groups`.
Json plain(const Key& key, Shapes shapes) {
  std::vector<Json> schemas;
  if (shapes & shape::text) schemas.push_back(text(key.format));
  if (shapes & shape::integer)
    schemas.push_back({{"type", "integer"},
                       {"minimum", std::numeric_limits<std::int32_t>::min()},
                       {"maximum", std::numeric_limits<std::int32_t>::max()}});
  if (shapes & shape::number) {
    Json& number = schemas.emplace_back(Json{{"type", "number"}});
    if (key.most > 0) {
      number["minimum"] = -key.most;
      number["maximum"] = key.most;
    }
  }
  if (shapes & shape::boolean) schemas.push_back(boolean(key.format));
  if (shapes & shape::condition) schemas.push_back(reference("condition"));
  if (shapes & shape::object) schemas.push_back(reference(definition_name(*key.object)));
  if (shapes & shape::texts) schemas.push_back(list_of(text(key.format), false));
  if (shapes & shape::objects) {
    std::vector<Json> items;
    if (shapes & shape::text) items.push_back(text(key.format));
    items.push_back(reference(definition_name(*key.object)));
    schemas.push_back(list_of(any_of(std::move(items)), key.object->some));
  }
  return any_of(std::move(schemas));
}

Json map_of(Json values, bool identifiers) {
  return {{"type", "object"},
          {"propertyNames",
           {{"pattern", identifiers ? rules::load::identifier_pattern : rules::load::name_pattern},
            {"maxLength", rules::load::max_name_size}}},
          {"additionalProperties", std::move(values)}};
}

Json value_of(const Key& key) {
  Json schema;
  if (key.shapes & (shape::named | shape::groups)) {
    schema = map_of(key.entries != 0 ? plain(key, key.entries) : Json::object(), key.identifiers);
    if (key.shapes & shape::groups) schema = map_of(std::move(schema), key.identifiers);
  } else {
    schema = plain(key, key.shapes);
  }
  if (schema.contains("$ref")) schema = {{"allOf", {schema}}};  // next to $ref nothing else counts
  schema["description"] = key.description;
  return schema;
}

/// Adds the object and those that it mentions.
void define(const Object& object, Json& definitions) {
  const std::string name = definition_name(object);
  if (definitions.contains(name)) return;
  Json& schema = definitions[name];
  schema = {{"type", "object"}, {"additionalProperties", false}};
  Json properties = Json::object();
  for (const Key& key : object.keys) {
    properties[std::string(key.name)] = value_of(key);
    if (key.required) schema["required"].push_back(key.name);
  }
  schema["properties"] = std::move(properties);
  if (object.some) schema["minProperties"] = 1;
  if (object.extensions) schema["patternProperties"]["^" + std::string(rules::load::extension_prefix)] = Json::object();
  for (const Key& key : object.keys)
    if (key.object) define(*key.object, definitions);
}

}  // namespace

Json rules_schema() {
  Json definitions = Json::object();
  define(rules::load::file_object, definitions);
  define(rules::load::condition_object, definitions);
  Json file = std::move(definitions["rule_file"]);
  definitions.erase("rule_file");

  // A condition is an expression, or a list or map of conditions.
  Json lists = std::move(definitions["condition"]);
  definitions["condition"] =
      any_of({{{"type", {"string", "boolean"}}}, list_of(reference("condition"), true), std::move(lists)});

  file["$schema"] = "http://json-schema.org/draft-07/schema#";
  file["title"] = "Rule file of ngx-personalize";
  file["definitions"] = std::move(definitions);
  return file;
}

}  // namespace personalize::cli
