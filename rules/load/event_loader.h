// The part of the loader that reads `events` and `facts`.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/compiled.h"
#include "rules/events/fields.h"
#include "rules/events/mapping.h"
#include "rules/load/condition.h"
#include "rules/load/fields.h"
#include "rules/load/sources.h"

namespace personalize::rules::load {

class EventLoader {
 public:
  EventLoader(RuleSet::Impl& set, Sources& sources, Reports& reports)
      : set_(set), sources_(sources), reports_(reports) {}

  /// Facts of one file. Those of the shop's own files come first: presets do not replace them.
  void read_facts(const yaml::Document& document, const yaml::Node& facts);
  void read_fact(const yaml::Document& document, const yaml::Node& name, const yaml::Node& value);
  /// Once all facts are known, and before rules are compiled, which may not mention them.
  void finish_facts();

  /// Once attributes and segments are known: what events may mention. `segments`: those of rules.
  void begin_events(std::span<const cel::Environment::Segment> segments);
  void read_events(const yaml::Document& document, const yaml::Node& events);
  /// The mapping or mappings of one event. `line`: of its call in Lua.
  void read_event(const yaml::Document& document, learn::events::EventName name, const yaml::Node& mappings,
                  std::uint32_t line = 0);
  /// Once all are read: puts them into the rule set. Returns what their expressions were compiled with.
  const cel::Environment& finish_events();

  /// Expressions of events, which have the attributes of rules first.
  struct Use {
    const cel::Program* program;
    const yaml::Document* document;
    Condition condition;
  };
  const std::vector<Use>& uses() const { return uses_; }

 private:
  using Result = cel::Program::Result;

  void read_mapping(const yaml::Document& document, learn::events::EventName name, const yaml::Node& node,
                    std::uint32_t line);
  void read_methods(const yaml::Document& document, const Fields& fields, events::Mapping& mapping);
  void read_item(const yaml::Document& document, const Fields& fields, events::Mapping& mapping);
  void read_items(const yaml::Document& document, const yaml::Node& node, events::Mapping& mapping);
  template <class Table>
  std::vector<events::FieldProgram> read_fields(const yaml::Document& document, const Fields& fields,
                                                const Table& table, events::Mapping& mapping);
  std::unique_ptr<const cel::Program> read_field(const yaml::Document& document, const yaml::Node& node,
                                                 std::string_view name, events::FieldKind kind,
                                                 events::Mapping& mapping);
  std::unique_ptr<const cel::Program> compile(const yaml::Document& document, const Condition& condition, Result result,
                                              events::Mapping& mapping);
  void note_uses(const cel::Program& program, events::Mapping& mapping);

  RuleSet::Impl& set_;
  Sources& sources_;
  Reports& reports_;
  std::unique_ptr<EventRules::Impl> rules_ = std::make_unique<EventRules::Impl>();
  std::set<std::string> form_fields_;
  std::vector<Use> uses_;
};

}  // namespace personalize::rules::load
