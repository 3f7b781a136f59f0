// From a request's attributes to the rules that win.
#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

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

void RuleSet::Impl::build_indexes() {
  std::vector<CandidateIndex::Candidate> candidates;
  for (Slot& slot : slots) {
    candidates.clear();
    bool sorted = false;
    for (RuleId id : slot.candidates) {
      sorted |= std::any_of(rules[id].actions.begin(), rules[id].actions.end(),
                            [](const Action& action) { return action.operation == html::Operation::reorder; });
      candidates.push_back({&rules[id].pages, {}});
      if (!rules[id].when) continue;
      for (cel::Predicate& predicate : cel::predicates(*rules[id].when))
        candidates.back().predicates.push_back(predicates.add(std::move(predicate)));
    }
    if (sorted) sorted_slots.push_back(static_cast<SlotId>(&slot - slots.data()));
    slot.index.build(predicates, pages, candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      rules[slot.candidates[i]].predicates = std::move(candidates[i].predicates);
    on_all_pages |= slot.pages.empty() && slot.index.applies_everywhere();
  }
  pages.build();
}

bool RuleSet::applies_to(std::string_view path) const {
  if (impl_->on_all_pages) return true;
  std::array<std::byte, 1024> buffer;
  std::pmr::monotonic_buffer_resource memory(buffer.data(), buffer.size());
  const auto page_lists = impl_->pages.find(path, memory);
  return std::any_of(impl_->slots.begin(), impl_->slots.end(),
                     [&](const Slot& slot) { return slot.pages.match(path) && slot.index.applies(page_lists); });
}

Decisions RuleSet::decide(const PageRequest& page, const Context& context, Arena& arena) const {
  const Impl& set = *impl_;
  Decisions decisions(&arena);
  decisions.reserve(set.slots.size());
  const Clock clock(page.now_us, {page.visitor_zone, page.other_visitors_zone}, set.zones, arena);
  std::pmr::vector<Value> segments(set.segment_count, &arena);
  PredicateAnswers answers(set.predicates, context, arena, segments);
  const auto page_lists = set.pages.find(page.path, arena);
  for (SlotId id = 0; id < set.slots.size(); ++id) {
    const Slot& slot = set.slots[id];
    if (slot.candidates.empty() || !slot.pages.match(page.path)) continue;
    set.decide_slot(id, slot.index.select(page_lists, answers), clock, answers, decisions);
  }
  return decisions;
}

void RuleSet::Impl::decide_slot(SlotId id, std::span<const std::uint64_t> selected, const Clock& clock,
                                PredicateAnswers& answers, Decisions& decisions) const {
  const Slot& slot = slots[id];
  std::uint64_t taken = 0;
  for (std::size_t word = 0; word < selected.size(); ++word) {
    for (std::uint64_t bits = selected[word]; bits; bits &= bits - 1) {
      const std::size_t position = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      assert(position < slot.candidates.size());
      const RuleId candidate = slot.candidates[position];
      const Rule& rule = rules[candidate];
      assert(rule.slot == id);
      if (conflicts(rule, taken, decisions) || !rule.scheduled(clock)) continue;
      if (!std::all_of(rule.predicates.begin(), rule.predicates.end(),
                       [&](std::uint32_t predicate) { return answers.holds(predicate); }))
        continue;
      if (rule.script && !rule.script->condition(rule.script_rule, answers.context(), answers.arena()).is_true())
        continue;
      decisions.push_back({id, candidate});
      taken |= rule.target_mask;
      if (taken == slot.target_mask && !(taken >> 63)) return;
    }
  }
}

}  // namespace personalize::rules
