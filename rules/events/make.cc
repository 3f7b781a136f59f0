// From a request whose response is over to its events.
#include <algorithm>
#include <string>

#include "rules/events/event_rules.h"
#include "rules/events/fact_value.h"
#include "rules/events/field_value.h"
#include "rules/events/fields.h"
#include "rules/events/mapping.h"

namespace personalize::rules {
namespace events {
namespace {

using learn::events::Event;
using learn::events::EventName;
using learn::events::Item;

Value value_of(const EventRules::Impl::Fact& fact, const html::FactValue& found) {
  if (fact.count) return found.ignored ? Value() : Value::int64(found.count);
  return found.known ? convert(fact.type, found.text) : Value();
}

class Maker {
 public:
  Maker(const EventRules::Impl& rules, const EventRequest& request, const Context& known, Arena& arena)
      : rules_(rules),
        arena_(arena),
        context_(rules.schema, arena),
        segments_(missing_values(rules.environment->segment_count(), arena)) {
    std::ranges::copy(known.values().first(std::min<std::size_t>(known.size(), rules.form)), context_.values().begin());
    context_.set_shop_offers_languages(known.shop_offers_languages());
    context_.set(rules.form, request.form);
    for (std::size_t i = 0; i < rules.facts.size(); ++i) {
      const Value value = i < request.facts.size() ? value_of(rules.facts[i], request.facts[i]) : Value();
      if (value.missing()) missing_facts_ |= std::uint64_t{1} << i;
      context_.set(rules.first_fact() + static_cast<AttributeId>(i), value);
    }
  }

  bool has_turn(EventName name) const { return name == EventName::page_view ? made_ == 0 : (made_ & bit(name)) == 0; }

  /// The value of `when`.
  Value condition(const Mapping& mapping) {
    return mapping.when ? mapping.when->evaluate(context_, arena_, segments_) : Value::boolean(true);
  }

  void fill(const Mapping& mapping, Event& event) {
    made_ |= bit(mapping.name);
    omissions_.missing_facts |= mapping.facts & missing_facts_;
    event.name = mapping.name;
    for (const FieldProgram& field : mapping.fields) fill(event_fields[field.field], field, "", event);
    for (std::size_t i = 0; i < mapping.items.size(); ++i) {
      Item item;
      for (const FieldProgram& field : mapping.items[i]) {
        const std::string_view prefix = notes_ ? name_of_item(mapping, i) : std::string_view();
        fill(item_fields[field.field], field, prefix, item);
      }
      add(item, event);
    }
    if (mapping.item_list) fill_items(mapping.item_list->evaluate(context_, arena_, segments_), event);
  }

  /// What cannot be said is told, with the reason.
  void take_notes(std::vector<EventCandidate::LeftOut>& notes) { notes_ = &notes; }

  const Context& context() const { return context_; }
  const Omissions& omissions() const { return omissions_; }

 private:
  static std::uint64_t bit(EventName name) { return std::uint64_t{1} << static_cast<unsigned>(name); }

  template <class Owner>
  void fill(const Field<Owner>& field, const FieldProgram& program, std::string_view prefix, Owner& owner) {
    put(field, program.value->evaluate(context_, arena_, segments_), prefix, owner);
  }

  template <class Owner>
  void put(const Field<Owner>& field, const Value& value, std::string_view prefix, Owner& owner) {
    const Said said = say(field, value, arena_, owner);
    if (said == Said::wrong) ++omissions_.fields;
    if (said != Said::yes && notes_) note(std::string(prefix).append(field.name), value, needs(field.kind));
  }

  void fill_items(const Value& value, Event& event) {
    const Value list = unwrapped(value);
    if (is_absent(list) || !list.is(Kind::list)) {
      if (!is_absent(list)) ++omissions_.fields;
      if (notes_) note("items", list, "a list");
      return;
    }
    for (const Value& element : list.as_list()) {
      Item item;
      if (element.is(Kind::map)) {
        for (const MapEntry& entry : element.as_map())
          for (const auto& field : item_fields)
            if (entry.key.is(Kind::string) && entry.key.text() == field.name) put(field, entry.value, "items.", item);
      } else {
        put(item_fields[0], element, "items.", item);
      }
      add(item, event);
    }
  }

  static void add(const Item& item, Event& event) {
    const bool known = !item.item_id.empty() || !item.item_name.empty();
    if (known && event.items.size() < learn::events::limits::max_items) event.items.push_back(item);
  }

  std::string_view name_of_item(const Mapping& mapping, std::size_t item) {
    if (mapping.items.size() == 1) return {};
    return copy(arena_, "items[" + std::to_string(item) + "].");
  }

  void note(std::string field, const Value& value, std::string_view needs) {
    std::string why;
    if (value.is(Kind::error))
      why = value.text();
    else if (is_absent(unwrapped(value)))
      why = "not known";
    else
      why = cel::to_source(value) + " is not " + std::string(needs);
    notes_->push_back({std::move(field), std::move(why)});
  }

  const EventRules::Impl& rules_;
  Arena& arena_;
  Context context_;
  std::span<Value> segments_;
  std::uint64_t made_ = 0;
  std::uint64_t missing_facts_ = 0;
  Omissions omissions_;
  std::vector<EventCandidate::LeftOut>* notes_ = nullptr;
};

/// Numbers of the mappings for that page, ascending.
std::pmr::vector<std::uint32_t> find_mappings(const MethodIndex& index, std::string_view path, Arena& arena) {
  std::pmr::vector<std::uint32_t> found(index.on_all_pages.begin(), index.on_all_pages.end(), &arena);
  for (std::uint32_t list : index.pages.find(path, arena))
    found.insert(found.end(), index.by_list[list].begin(), index.by_list[list].end());
  std::ranges::sort(found);
  return found;
}

void explain_mapping(const Mapping& mapping, const EventRequest& request, Maker& maker, Arena& arena,
                     EventCandidate& candidate) {
  const auto method = find_method(request.method);
  if (!method || (mapping.methods >> *method & 1) == 0) {
    candidate.why = Unmade::other_method;
    return;
  }
  if (!mapping.pages.match(request.path)) {
    candidate.why = Unmade::other_page;
    return;
  }
  if (!maker.has_turn(mapping.name)) {
    candidate.why = mapping.name == EventName::page_view ? Unmade::other_event : Unmade::earlier;
    return;
  }
  if (const Value holds = maker.condition(mapping); !holds.is_true()) {
    const bool failed = holds.is(Kind::error) && !cel::says_absent(holds);
    candidate.why = failed ? Unmade::condition_error
                           : (holds.is_missing_attribute() ? Unmade::missing_attribute : Unmade::condition);
    candidate.detail = mapping.when->explain(maker.context(), arena);
    return;
  }
  candidate.made = true;
  maker.take_notes(candidate.left_out);
  maker.fill(mapping, candidate.event.emplace());
}

}  // namespace
}  // namespace events

Omissions EventRules::make(const EventRequest& request, const Context& context, Arena& arena,
                           std::pmr::vector<learn::events::Event>& made) const {
  const auto method = events::find_method(request.method);
  if (!method) return {};
  const auto found = events::find_mappings(impl_->index[*method], request.path, arena);
  if (found.empty()) return {};
  events::Maker maker(*impl_, request, context, arena);
  for (std::uint32_t number : found) {
    const events::Mapping& mapping = impl_->mappings[number];
    if (!maker.has_turn(mapping.name)) continue;
    if (maker.condition(mapping).is_true()) maker.fill(mapping, made.emplace_back());
  }
  return maker.omissions();
}

std::vector<EventCandidate> EventRules::explain(const EventRequest& request, const Context& context,
                                                Arena& arena) const {
  std::vector<EventCandidate> candidates;
  if (empty()) return candidates;
  events::Maker maker(*impl_, request, context, arena);
  for (const events::Mapping& mapping : impl_->mappings) {
    EventCandidate& candidate = candidates.emplace_back(EventCandidate{mapping.name, mapping.place});
    events::explain_mapping(mapping, request, maker, arena, candidate);
  }
  return candidates;
}

}  // namespace personalize::rules
