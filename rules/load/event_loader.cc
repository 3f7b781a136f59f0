#include "rules/load/event_loader.h"

#include <algorithm>
#include <limits>

#include "rules/cel/plan.h"
#include "rules/events/field_value.h"
#include "rules/load/event_format.h"
#include "rules/spelling.h"

namespace personalize::rules::load {
namespace {

using events::FieldKind;

/// Why an expression of that static type cannot be the field, or empty. What is only known at run time is let through.
std::string wrong_type(std::string_view name, FieldKind kind, std::string type) {
  constexpr std::string_view wrapped = "optional(";
  while (type.starts_with(wrapped)) type = type.substr(wrapped.size(), type.size() - wrapped.size() - 1);
  const bool whole = type == "int" || type == "uint";
  const bool number = whole || type == "double";
  const bool text = type == "string" || (whole && kind != FieldKind::currency);
  if (type == "dyn" || type == "null") return {};
  switch (kind) {
    case FieldKind::id:
    case FieldKind::text:
    case FieldKind::currency:
      if (text) return {};
      return in_quotes(name) + " must be text, not " + type +
             (number && kind != FieldKind::currency ? ": use string(…)" : "");
    case FieldKind::amount:
      if (number) return {};
      return in_quotes(name) + " must be a number, not " + type + (type == "string" ? ": use double(…)" : "");
    case FieldKind::whole:
      if (whole) return {};
      return in_quotes(name) + " must be a whole number, not " + type +
             (type == "string" || number ? ": use int(…)" : "");
  }
  return {};
}

bool is_list(std::string_view type) { return type == "dyn" || type.starts_with("list"); }

/// A word that stands alone was meant as text.
bool is_word(std::string_view text) {
  return text.size() <= max_name_size && !refuse_name(text, true) && text != "true" && text != "false";
}

}  // namespace

void EventLoader::begin_events(std::span<const cel::Environment::Segment> segments) {
  rules_->schema = set_.schema;
  rules_->form = *rules_->schema.add(form_attribute, {Kind::map, Kind::string}, "fields of the request's body");
  const auto facts = set_.facts.declarations();
  for (std::size_t i = 0; i < facts.size(); ++i) {
    rules_->schema.add(std::string(fact_namespace) + "." + facts[i].name, {set_.fact_types[i]}, "a fact of the page");
    rules_->facts.push_back({set_.fact_types[i], facts[i].count});
  }
  rules_->environment = std::make_unique<cel::Environment>(rules_->schema);
  std::vector<cel::Environment::SegmentError> ignored;  // reported for rules
  rules_->environment->add_segments(segments, ignored);
}

void EventLoader::read_events(const yaml::Document& document, const yaml::Node& events) {
  const Fields fields(document, events, events_object, reports_);
  for (const learn::events::Word& word : learn::events::vocabulary())
    if (const yaml::Node* mappings = fields.find(word.text)) read_event(document, word.name, *mappings);
}

void EventLoader::read_event(const yaml::Document& document, learn::events::EventName name, const yaml::Node& mappings,
                             std::uint32_t line) {
  if (!mappings.is_list()) return read_mapping(document, name, mappings, line);
  for (const yaml::Node* mapping : mappings.items) read_mapping(document, name, *mapping, line);
}

void EventLoader::read_mapping(const yaml::Document& document, learn::events::EventName name, const yaml::Node& node,
                               std::uint32_t line) {
  const std::size_t errors = reports_.size(), uses = uses_.size();
  const Fields fields(document, node, event_object, reports_);
  events::Mapping mapping;
  mapping.name = name;
  mapping.place = document.at(node, {}, Diagnostic::Severity::warning);
  if (line != 0) mapping.place.line = line;
  mapping.pages = read_pages(document, fields, reports_);
  read_methods(document, fields, mapping);
  EventSource source{.document = line == 0 ? &document : nullptr};
  if (const yaml::Node* when = fields.find("when")) {
    source.when = read_condition(document, *when, reports_);
    mapping.when = compile(document, source.when, Result::condition, mapping);
  }
  mapping.fields = read_fields(document, fields, events::event_fields, mapping);
  read_item(document, fields, mapping);
  if (rules_->mappings.size() == max_mappings)
    reports_.add(document.at(node, "more than " + std::to_string(max_mappings) + " mappings of events"));
  if (reports_.size() == errors) {
    mapping.source = static_cast<std::uint32_t>(sources_.event_sources.size());
    sources_.event_sources.push_back(std::move(source));
    rules_->mappings.push_back(std::move(mapping));
  } else {
    uses_.erase(uses_.begin() + static_cast<std::ptrdiff_t>(uses), uses_.end());  // its programs go with it
  }
}

void EventLoader::read_methods(const yaml::Document& document, const Fields& fields, events::Mapping& mapping) {
  const auto methods = fields.texts("method");
  if (const yaml::Node* list = fields.find("method"); list && methods.empty())
    reports_.add(document.at(*list, "a method is missing"));
  if (!methods.empty()) mapping.methods = 0;
  for (const yaml::Node* method : methods)
    if (const auto number = events::find_method(method->text))
      mapping.methods |= static_cast<events::Methods>(1U << *number);
}

/// The one product of an event, or all of them.
void EventLoader::read_item(const yaml::Document& document, const Fields& fields, events::Mapping& mapping) {
  auto item = read_fields(document, fields, events::item_fields, mapping);
  const yaml::Node* items = fields.find("items");
  if (!items) {
    if (!item.empty()) mapping.items.push_back(std::move(item));
    return;
  }
  for (const auto& field : events::item_fields)
    if (const yaml::Node* one = fields.find(field.name))
      return reports_.add(
          document.at(*one, in_quotes(field.name) + " and `items` are both there: put it into the item"));
  read_items(document, *items, mapping);
}

void EventLoader::read_items(const yaml::Document& document, const yaml::Node& node, events::Mapping& mapping) {
  if (node.is_scalar()) {
    const Condition source = read_condition(document, node, reports_);
    auto program = compile(document, source, Result::any, mapping);
    if (program && !is_list(program->type()))
      reports_.add(document.at(node, "`items` must be a list, of ids or of maps, not " + program->type()));
    mapping.item_list = std::move(program);
    return;
  }
  const std::vector<const yaml::Node*> nodes = node.is_list() ? node.items : std::vector<const yaml::Node*>{&node};
  if (nodes.empty()) reports_.add(document.at(node, "an item is missing"));
  if (nodes.size() > learn::events::limits::max_items)
    return reports_.add(
        document.at(node, "more than " + std::to_string(learn::events::limits::max_items) + " items in an event"));
  for (const yaml::Node* one : nodes) {
    const Fields fields(document, *one, item_object, reports_);
    if (one->is_map() && one->entries.empty()) reports_.add(document.at(*one, "an item needs `item_id`"));
    mapping.items.push_back(read_fields(document, fields, events::item_fields, mapping));
  }
}

template <class Table>
std::vector<events::FieldProgram> EventLoader::read_fields(const yaml::Document& document, const Fields& fields,
                                                           const Table& table, events::Mapping& mapping) {
  std::vector<events::FieldProgram> programs;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const yaml::Node* node = fields.find(table[i].name);
    if (!node) continue;
    if (auto program = read_field(document, *node, table[i].name, table[i].kind, mapping))
      programs.push_back({static_cast<std::uint8_t>(i), std::move(program)});
  }
  return programs;
}

std::unique_ptr<const cel::Program> EventLoader::read_field(const yaml::Document& document, const yaml::Node& node,
                                                            std::string_view name, FieldKind kind,
                                                            events::Mapping& mapping) {
  const Condition source = read_condition(document, node, reports_);
  auto program = compile(document, source, Result::any, mapping);
  if (!program) return nullptr;
  if (std::string problem = wrong_type(name, kind, program->type()); !problem.empty()) {
    reports_.add(document.at(node, std::move(problem)));
    return nullptr;
  }
  if (const auto constant = program->constant()) {
    std::pmr::monotonic_buffer_resource arena;
    learn::events::Event event;
    learn::events::Item item;
    events::Said said = events::Said::yes;
    for (const auto& field : events::event_fields)
      if (field.name == name) said = events::say(field, *constant, arena, event);
    for (const auto& field : events::item_fields)
      if (field.name == name) said = events::say(field, *constant, arena, item);
    if (said != events::Said::yes)
      reports_.add(document.at(node, in_quotes(name) + " must be " + std::string(events::needs(kind))));
  }
  return program;
}

std::unique_ptr<const cel::Program> EventLoader::compile(const yaml::Document& document, const Condition& condition,
                                                         Result result, events::Mapping& mapping) {
  const auto improve = [&](std::string message) {
    const std::string undeclared = "unknown attribute " + std::string(fact_namespace) + ".";
    if (message.starts_with(undeclared) && message.find("did you mean") == message.npos)
      return message + ": facts are declared under `facts`";
    if (result == Result::any && is_word(condition.source))
      return message + "; text has quotes of its own: '\"" + condition.source + "\"'";
    return message;
  };
  auto program = compile_condition(document, condition, *rules_->environment, result, reports_, improve);
  if (!program) return nullptr;
  note_uses(*program, mapping);
  uses_.push_back({program.get(), &document, condition});
  return program;
}

void EventLoader::note_uses(const cel::Program& program, events::Mapping& mapping) {
  for (AttributeId id : program.attributes()) {
    if (id == rules_->form) mapping.reads_form = true;
    if (id > rules_->form) mapping.facts |= std::uint64_t{1} << (id - rules_->first_fact());
  }
  for (const KeyUse& use : program.impl().keys) {
    if (use.attribute != rules_->form) continue;
    if (use.key)
      form_fields_.insert(*use.key);
    else
      rules_->all_form_fields = true;
  }
}

const cel::Environment& EventLoader::finish_events() {
  const auto is_last = [](const events::Mapping& mapping) {
    return mapping.name == learn::events::EventName::page_view;
  };
  std::stable_partition(rules_->mappings.begin(), rules_->mappings.end(), std::not_fn(is_last));
  rules_->form_fields.assign(form_fields_.begin(), form_fields_.end());
  for (const events::Mapping& mapping : rules_->mappings) rules_->used_facts |= mapping.facts;
  for (const auto& [name, segment] : rules_->environment->segments())
    if (const auto* known = set_.environment->segment(name); known && segment.mentioned) known->mentioned = true;
  rules_->build_indexes();
  const cel::Environment& environment = *rules_->environment;
  set_.events = std::make_unique<EventRules>(std::move(rules_));
  return environment;
}

}  // namespace personalize::rules::load
