// From a request's attributes to the rules that win.
#include <algorithm>

#include "rules/compiled.h"

namespace personalize::rules {

bool Rule::scheduled(const Clock& clock) const {
  return schedules.empty() || std::any_of(schedules.begin(), schedules.end(),
                                          [&](const Schedule& schedule) { return schedule.active(clock); });
}

bool RuleSet::Impl::conflicts(const Rule& rule, std::uint64_t taken, const Decisions& decisions) const {
  constexpr std::uint64_t shared = std::uint64_t{1} << 63;
  if (rule.target_mask & taken & ~shared) return true;
  if (!(rule.target_mask & taken)) return false;
  for (auto winner = decisions.rbegin(); winner != decisions.rend() && winner->slot == rule.slot; ++winner) {
    const std::vector<std::uint32_t>& theirs = rules[winner->rule].targets;
    if (std::find_first_of(theirs.begin(), theirs.end(), rule.targets.begin(), rule.targets.end()) != theirs.end())
      return true;
  }
  return false;
}

Decisions RuleSet::decide(const PageRequest& page, const Context& context, Arena& arena) const {
  const Impl& set = *impl_;
  Decisions decisions(&arena);
  decisions.reserve(set.slots.size());
  const Clock clock(page.now_us, page.visitor_zone, set.zones, arena);
  std::pmr::vector<Value> segments(set.segment_count, &arena);
  for (SlotId id = 0; id < set.slots.size(); ++id) {
    const Slot& slot = set.slots[id];
    if (!slot.pages.match(page.path)) continue;
    std::uint64_t taken = 0;
    for (RuleId candidate : slot.candidates) {
      const Rule& rule = set.rules[candidate];
      if (set.conflicts(rule, taken, decisions)) continue;
      if (!rule.pages.match(page.path)) continue;
      if (!rule.scheduled(clock)) continue;
      if (rule.when && !rule.when->evaluate(context, arena, segments).is_true()) continue;
      decisions.push_back({id, candidate});
      taken |= rule.target_mask;
      if (taken == slot.target_mask && !(taken >> 63)) break;
    }
  }
  return decisions;
}

}  // namespace personalize::rules
