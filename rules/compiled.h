// What rule files are compiled into.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "html/edits/edit.h"
#include "html/facts/fact_set.h"
#include "html/selectors/selectors.h"
#include "rules/cel/program.h"
#include "rules/decide/candidate_index.h"
#include "rules/decide/page_index.h"
#include "rules/decide/pages.h"
#include "rules/events/event_rules.h"
#include "rules/key_use.h"
#include "rules/lua/script.h"
#include "rules/rule_set.h"
#include "rules/schedule/schedule.h"
#include "rules/schema.h"
#include "rules/templates/template.h"

namespace personalize::rules {

/// Children in the order of a list of values, then those with other values.
class ListedOrder : public html::ChildOrder {
 public:
  void add(std::string value);
  std::int64_t key(std::string_view value) const override;
  void describe(std::string& text) const override { text += description_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> keys_;
  std::string description_;
};

/// Appends a value of an order's list to its description.
void describe_next(std::string_view value, std::string& text);

/// What a rule tells the plugin that it has its content from.
struct ContentArguments {
  std::pmr::monotonic_buffer_resource memory;
  Value with = Value::map({});  ///< constants, in `memory`
  Diagnostic place;             ///< of a mistake in it
};

/// One operation of a rule.
struct Action {
  html::Operation operation = html::Operation::inner;
  std::string name;                                 ///< of an attribute
  std::unique_ptr<const templates::Template> text;  ///< content, value or class names; null where there is none
  std::unique_ptr<const ListedOrder> order;         ///< of `reorder`, if it is always the same …
  std::optional<AttributeId> order_by;              ///< … or the attribute that holds it
};

struct Rule {
  std::string id;
  SlotId slot = 0;
  std::int32_t priority = 0;
  bool enabled = true;
  PagePatterns pages;
  std::unique_ptr<const cel::Program> when;                   ///< null: always
  const lua::Script* script = nullptr;                        ///< of a rule in Lua …
  std::uint32_t script_rule = 0;                              ///< … and its number there
  std::optional<ProviderId> content;                          ///< the plugin that `{{content}}` comes from …
  std::unique_ptr<const ContentArguments> content_arguments;  ///< … and what it is told
  std::vector<Schedule> schedules;                            ///< one must be active; empty: always
  std::vector<std::uint32_t> predicates;  ///< of `when`, those that the slot's index does not look up
  std::vector<Action> actions;
  std::vector<std::string> target_names;  ///< what its actions change: "inner", "attribute href", "class x"
  std::vector<std::uint32_t> targets;     ///< the same as numbers within the slot, ascending
  std::uint64_t target_mask = 0;          ///< bit per target; those over 62 share bit 63

  bool scheduled(const Clock& clock) const;
};

struct Slot {
  std::string name;
  std::string selector;
  PagePatterns pages;
  std::vector<RuleId> candidates;  ///< enabled rules in the order in which they are asked
  std::vector<RuleId> disabled;
  std::uint64_t target_mask = 0;  ///< of all candidates
  CandidateIndex index;           ///< of `candidates`
};

struct RuleSet::Impl {
  Schema schema;
  Settings settings;
  html::Selectors selectors;
  std::vector<Slot> slots;
  std::vector<Rule> rules;
  std::size_t segment_count = 0;
  std::vector<std::string> zones;  ///< that schedules name
  PredicateTable predicates;
  PageIndex pages;
  bool on_all_pages = false;  ///< there is a slot with a rule for every page
  std::unique_ptr<cel::Environment> environment;
  std::vector<ScriptFile> scripts;
  Schema content_schema;  ///< of templates with `{{content}}`: `schema`, then `content`
  std::vector<AttributeId> used_attributes;
  std::vector<UsedKey> used_keys;
  std::vector<SlotId> sorted_slots;
  std::vector<ProviderId> content_providers;  ///< of enabled rules' `content`, ascending
  html::FactSet facts;
  std::vector<Kind> fact_types;  ///< of their declarations
  std::unique_ptr<const EventRules> events;
  std::string version;
  std::vector<std::string> files;

  /// Once, when slots and rules are complete.
  void build_indexes();
  /// Adds the slot's winners among the candidates whose bits are set.
  void decide_slot(SlotId id, std::span<const std::uint64_t> selected, const Clock& clock, PredicateAnswers& answers,
                   Decisions& decisions) const;
  /// What templates with `{{content}}` see.
  Context with_content(const Value& content, const Context& context, Arena& arena) const;
  /// Whether a rule wins that follows winners of its slot which have `taken` these targets.
  bool conflicts(const Rule& rule, std::uint64_t taken, const Decisions& decisions) const;
};

}  // namespace personalize::rules
