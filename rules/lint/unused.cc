// Definitions that nothing uses.
#include <algorithm>
#include <set>

#include "rules/cel/comparisons.h"
#include "rules/lint/findings.h"
#include "rules/load/event_format.h"

namespace personalize::rules::lint {
namespace {

void report(Findings& findings, const load::Definition& definition, std::string_view kind, std::string_view why) {
  findings.add(*definition.document, *definition.node,
               std::string(kind) + " " + load::in_quotes(definition.node->text) + " is not used: " + std::string(why));
}

/// The lists of holidays that attributes may name, as far as anything depends on it.
class HolidaysThatMatter {
 public:
  explicit HolidaysThatMatter(const RuleSet::Impl& set) {
    for (Role role : {Role::holiday, Role::holidays})
      if (const auto id = set.schema.find(role)) attributes_.insert(*id);
    for (const auto& [name, segment] : set.environment->segments())
      if (segment.program) look_at(*segment.program);
    for (const RuleSet::ScriptFile& file : set.scripts) look_at(file.script->attributes());
    for (const Rule& rule : set.rules) {
      if (rule.when) look_at(*rule.when);
      for (const Action& action : rule.actions) {
        if (action.text) look_at(action.text->attributes());
        if (action.order_by) look_at({&*action.order_by, 1});
      }
    }
  }

  bool have(std::string_view list) const { return all_ || compared_.contains(list); }

 private:
  void look_at(std::span<const AttributeId> used) {
    all_ |= std::any_of(used.begin(), used.end(), [&](AttributeId id) { return attributes_.contains(id); });
  }

  void look_at(const cel::Program& program) {
    const cel::Comparisons comparisons = cel::comparisons(program);
    look_at(comparisons.otherwise);
    for (const cel::Comparisons::One& one : comparisons.with_constants) {
      if (!attributes_.contains(one.attribute) || !one.constant.is(Kind::string)) continue;
      all_ |= one.constant.text().empty();  // any of them, or none
      compared_.insert(one.constant.text());
    }
  }

  std::set<AttributeId> attributes_;
  std::set<std::string_view> compared_;
  bool all_ = false;
};

}  // namespace

void unused(Findings& findings) {
  const load::Sources& sources = findings.sources;
  for (const auto& [name, slot] : sources.slots) {
    const Slot& known = findings.set.slots[slot.number];
    if (known.candidates.empty() && known.disabled.empty())
      report(findings, slot, "slot", "no rule fills it, and it has no fallback");
  }
  for (const auto& [name, segment] : sources.segments) {
    const auto* known = findings.set.environment->segment(name);
    if (known && !known->mentioned) report(findings, segment, "segment", "no condition mentions it");
  }
  for (const auto& [name, partial] : sources.partials)
    if (!partial.used) report(findings, partial, "partial", "no template says {{> " + std::string(name) + "}}");
  for (const auto& [name, block] : sources.blocks)
    if (!block.used) report(findings, block, "block", "nothing says `use: " + std::string(name) + "`");
  const std::uint64_t facts = findings.set.events->used_facts();
  for (const auto& [name, fact] : sources.facts)
    if ((facts >> fact.number & 1) == 0 && !fact.document->file().starts_with(load::preset_prefix))
      report(findings, fact, "fact", "no event mentions page." + std::string(name));
  const HolidaysThatMatter matter(findings.set);
  for (const auto& [name, holidays] : sources.holidays)
    if (!holidays.used && !matter.have(name))
      report(findings, holidays, "list of holidays", "no schedule and no condition mentions it");
}

}  // namespace personalize::rules::lint
