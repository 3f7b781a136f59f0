// Why each rule won or did not: the same decisions as `decide`, with reasons.
#include <algorithm>

#include "rules/compiled.h"
#include "rules/content.h"

namespace personalize::rules {
namespace {

std::string other_page(const PagePatterns& pages, std::string_view owner, std::string_view path) {
  return std::string(owner) + " is for " + pages.to_string() + ", the page is " + std::string(path);
}

/// Whether the condition lets the rule win; if not, `candidate` gets the reason.
bool holds(const Rule& rule, const Context& context, Arena& arena, Candidate& candidate) {
  if (rule.script) {
    const Value value = rule.script->condition(rule.script_rule, context, arena);
    if (value.is_true()) return true;
    candidate.lost = value.is(Kind::error) ? Lost::condition_error : Lost::condition;
    candidate.detail = value.is(Kind::error) ? std::string(value.text()) : "`when` returned false";
    return false;
  }
  if (!rule.when) return true;
  const Value value = rule.when->evaluate(context, arena);
  candidate.detail = rule.when->explain(context, arena);
  if (value.is_true()) return true;
  if (!value.is(Kind::error)) {
    candidate.lost = Lost::condition;
  } else if (value.is_missing_attribute()) {
    candidate.lost = Lost::missing_attribute;
  } else {
    candidate.lost = Lost::condition_error;
    if (candidate.detail.empty()) candidate.detail = value.text();
  }
  return false;
}

/// Why a rule's function `content` leaves the page as it is, or empty.
std::string without_content(const Rule& rule, const Context& context, Arena& arena) {
  if (!rule.script) return {};
  const lua::RuleDefinition& definition = rule.script->rules()[rule.script_rule];
  if (!definition.has_content) return {};
  const Value content = rule.script->content(rule.script_rule, context, arena);
  if (content.is(Kind::error)) return "`content` failed: " + std::string(content.text());
  if (content.missing()) return "`content` returned nil";
  if (!definition.shows_content || has_text(content)) return {};
  return content.is(Kind::real) ? "`content` returned a number that is infinite or none"
                                : "`content` returned a table without text: a `template` says what of it is shown";
}

/// Name of the winner that has what the rule wants.
std::string beaten_by(const std::vector<Rule>& rules, const Rule& rule, const Decisions& decisions) {
  for (const Decision& decision : decisions) {
    const Rule& winner = rules[decision.rule];
    if (decision.slot != rule.slot) continue;
    const auto shared =
        std::find_first_of(winner.targets.begin(), winner.targets.end(), rule.targets.begin(), rule.targets.end());
    if (shared == winner.targets.end()) continue;
    return winner.id + (winner.priority > rule.priority ? " has priority " + std::to_string(winner.priority) +
                                                              ", this " + std::to_string(rule.priority)
                                                        : " has the same priority and comes first");
  }
  return {};
}

}  // namespace

Decisions RuleSet::explain(const PageRequest& page, const Context& context, Arena& arena,
                           std::vector<Candidate>& candidates) const {
  const Impl& set = *impl_;
  Decisions decisions(&arena);
  const Clock clock(page.now_us, {page.visitor_zone, page.other_visitors_zone}, set.zones, arena);
  for (SlotId id = 0; id < set.slots.size(); ++id) {
    const Slot& slot = set.slots[id];
    const bool on_page = slot.pages.match(page.path);
    std::uint64_t taken = 0;
    for (RuleId number : slot.candidates) {
      const Rule& rule = set.rules[number];
      Candidate candidate{id, number, false, Lost::other_page, {}};
      if (!on_page) {
        candidate.detail = other_page(slot.pages, "the slot", page.path);
      } else if (!rule.pages.match(page.path)) {
        candidate.detail = other_page(rule.pages, "the rule", page.path);
      } else if (!rule.scheduled(clock)) {
        candidate.lost = Lost::schedule;
        for (const Schedule& schedule : rule.schedules)
          candidate.detail += (candidate.detail.empty() ? "" : "; ") + schedule.explain(clock);
      } else if (holds(rule, context, arena, candidate)) {
        candidate.won = !set.conflicts(rule, taken, decisions);
        if (candidate.won) {
          candidate.no_content = without_content(rule, context, arena);
          decisions.push_back({id, number});
          taken |= rule.target_mask;
        } else {
          candidate.lost = Lost::priority;
          candidate.detail = beaten_by(set.rules, rule, decisions);
        }
      }
      candidates.push_back(std::move(candidate));
    }
    for (RuleId number : slot.disabled) candidates.push_back({id, number, false, Lost::disabled, {}});
  }
  return decisions;
}

}  // namespace personalize::rules
