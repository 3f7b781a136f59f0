// The part of the loader that reads `facts`.
#include <algorithm>

#include "html/edits/tag_edit.h"
#include "rules/load/event_format.h"
#include "rules/load/event_loader.h"
#include "rules/text/ascii.h"

namespace personalize::rules::load {
namespace {

Kind type_of_fact(std::string_view name) { return parse_type(name).value_or(Type{Kind::string}).kind; }

}  // namespace

void EventLoader::read_facts(const yaml::Document& document, const yaml::Node& facts) {
  if (!facts.is_map()) return;
  for (const auto& [name, value] : named_entries(document, facts, true, reports_)) read_fact(document, *name, *value);
}

void EventLoader::read_fact(const yaml::Document& document, const yaml::Node& name, const yaml::Node& value) {
  const bool preset = document.file().starts_with(preset_prefix);
  if (preset && sources_.facts.contains(name.text)) return;  // the shop says where it is on its pages
  const Fields fields(document, value, fact_object, reports_);
  html::FactDeclaration fact{
      .name = name.text, .selector = fields.text("select"), .count = fields.boolean("count", false)};
  if (const yaml::Node* attribute = fields.find("attribute")) {
    fact.attribute = text::ascii_lower(attribute->text);
    if (!html::is_attribute_name(fact.attribute))
      reports_.add(document.at(*attribute, in_quotes(attribute->text) + " is not the name of an attribute"));
  }
  for (const char* key : {"attribute", "type"})
    if (const yaml::Node* other = fields.find(key); other && fact.count)
      reports_.add(document.at(
          *other, "`count` is a whole number, and of elements: `" + std::string(key) + "` cannot stand beside it"));
  const std::string attribute = std::string(fact_namespace) + "." + fact.name;
  if (set_.schema.find(attribute))
    reports_.add(document.at(name, in_quotes(attribute) + " is there without being a fact; choose another name"));
  const auto number = static_cast<std::uint32_t>(set_.facts.declarations().size());
  if (number >= html::max_facts)
    return reports_.add(document.at(name, "more than " + std::to_string(html::max_facts) + " facts"));
  if (!define(sources_.facts, "fact", document, name, number, reports_)) return;
  const Kind type = fact.count ? Kind::int64 : type_of_fact(fields.text("type"));
  const yaml::Node* selector = fields.find("select");
  if (!selector) fact.selector = "*";  // that an event mentions it is not another mistake
  if (const auto error = set_.facts.add(fact)) {
    reports_.add(document.at(*selector, error->offset, error->message));
    fact.selector = "*";
    set_.facts.add(std::move(fact));
  }
  set_.fact_types.push_back(type);
}

void EventLoader::finish_facts() {
  for (const html::FactDeclaration& fact : set_.facts.declarations())
    set_.schema.add_late(std::string(fact_namespace) + "." + fact.name);
  set_.schema.add_late(std::string(form_attribute));
}

}  // namespace personalize::rules::load
