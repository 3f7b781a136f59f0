// {"value", "type", "filters", "locale", "language", "zone"} → {"output"}: a value as `{{value | filters}}` writes it,
// for a visitor with that locale; "language" is what the shop speaks, if it offers any. {} → {"icu", "cldr", "tz"}: the
// versions of the data.
#include <unicode/timezone.h>
#include <unicode/ulocdata.h>
#include <unicode/uversion.h>

#include <cstdlib>
#include <memory_resource>
#include <stdexcept>
#include <string>

#include "cli/probe/probes.h"
#include "engine/json/value_json.h"
#include "rules/templates/template.h"

namespace personalize::cli {
namespace {

using rules::Kind;
using rules::Value;

Json versions_of_data() {
  UErrorCode status = U_ZERO_ERROR;
  UVersionInfo cldr{};
  ulocdata_getCLDRVersion(cldr, &status);
  const char* zones = icu::TimeZone::getTZDataVersion(status);
  if (U_FAILURE(status)) throw std::runtime_error("ICU has no data");
  return {{"icu", U_ICU_VERSION}, {"cldr", std::to_string(cldr[0])}, {"tz", zones}};
}

/// JSON has no infinity and no NaN: they are texts here.
Value filtered_value(const Json& json, const rules::Type& type, rules::Arena& arena) {
  if (type.kind == Kind::real && json.is_string())
    return Value::real(std::strtod(json.get_ref<const std::string&>().c_str(), nullptr));
  auto value = engine::json::from_json(json, type, arena);
  if (!value) throw std::runtime_error(value.error());
  return *value;
}

}  // namespace

Json probe_filters(const Json& input) {
  if (input.empty()) return versions_of_data();
  const auto type = rules::parse_type(input.at("type").get<std::string>());
  if (!type) throw std::runtime_error("there is no such type");
  rules::Schema schema;
  const auto value = schema.add("value", *type), locale = schema.add("locale", {Kind::string});
  const auto language = schema.add("language", {Kind::string}), zone = schema.add("zone", {Kind::string});
  schema.set_role(rules::Role::locale, *locale);
  schema.set_role(rules::Role::language, *language);
  schema.set_role(rules::Role::time_zone, *zone);

  std::vector<rules::templates::Error> errors;
  const std::string filters = input.value("filters", "");
  const auto compiled = rules::templates::Template::compile(
      "{{value" + (filters.empty() ? "" : " | " + filters) + "}}",
      input.value("html", false) ? rules::templates::Target::html : rules::templates::Target::plain, {&schema}, errors);
  if (!compiled) throw std::runtime_error(errors.front().message);

  std::pmr::monotonic_buffer_resource arena;
  rules::Context context(schema, arena);
  context.set(*value, filtered_value(input.at("value"), *type, arena));
  const std::string visitor = input.value("locale", ""), page = input.value("language", "");
  const std::string clock = input.value("zone", "");
  context.set(*locale, Value::string(visitor));
  context.set(*language, Value::string(page));
  context.set(*zone, Value::string(clock));
  context.set_shop_offers_languages(!page.empty());
  std::pmr::string output(&arena);
  if (!compiled->render(context, output)) return {{"error", "the result is too large"}};
  return {{"output", std::string(output)}};
}

}  // namespace personalize::cli
