// Rules of one slot that change the same thing: rules that can never win, and rules of equal priority whose order in
// the files decides.
#include <algorithm>

#include "rules/cel/constraints.h"
#include "rules/lint/findings.h"

namespace personalize::rules::lint {
namespace {

class ShadowedRules {
 public:
  explicit ShadowedRules(Findings& findings) : findings_(findings) {
    for (const Rule& rule : findings.set.rules)
      constraints_.push_back(rule.when ? cel::Constraints(*rule.when, terms_) : cel::Constraints());
  }

  /// Each rule against those that come before it.
  void check(const Slot& slot) {
    for (std::size_t i = 1; i < slot.candidates.size(); ++i) {
      if (constraints_[slot.candidates[i]].conflict()) continue;  // never true: reported elsewhere
      const auto begin = slot.candidates.begin();
      const auto end = begin + static_cast<std::ptrdiff_t>(i);
      const RuleId id = slot.candidates[i];
      const auto shadow = std::find_if(begin, end, [&](RuleId before) { return shadows(before, id); });
      if (shadow != end) {
        report_shadowed(id, *shadow, slot);
        continue;
      }
      const auto rival = std::find_if(begin, end, [&](RuleId before) { return undecided(before, id); });
      if (rival != end) report_undecided(id, *rival, slot);
    }
  }

 private:
  const Rule& rule(RuleId id) const { return findings_.set.rules[id]; }

  /// Nothing is known about a condition in Lua.
  bool opaque(RuleId id) const {
    const Rule& one = rule(id);
    return one.script && one.script->rules()[one.script_rule].has_condition;
  }

  /// Whenever `late` could win, `early` has taken something that `late` changes, or lost it to a rule that has. So all
  /// that `early` changes must be among what `late` changes.
  bool shadows(RuleId early, RuleId late) const {
    const Rule& a = rule(early);
    const Rule& b = rule(late);
    return !opaque(early) && std::includes(b.targets.begin(), b.targets.end(), a.targets.begin(), a.targets.end()) &&
           a.pages.covers(b.pages) && covers(a.schedules, b.schedules) &&
           constraints_[late].implies(constraints_[early]);
  }

  static bool covers(const std::vector<Schedule>& a, const std::vector<Schedule>& b) {
    if (a.empty()) return true;
    return !b.empty() && std::all_of(b.begin(), b.end(), [&](const Schedule& schedule) {
      return std::find(a.begin(), a.end(), schedule) != a.end();
    });
  }

  /// Both may apply, neither is a special case placed before the general one, and their priorities are equal.
  bool undecided(RuleId early, RuleId late) const {
    const Rule& a = rule(early);
    const Rule& b = rule(late);
    if (a.priority != b.priority || opaque(early) || opaque(late)) return false;
    if (std::find_first_of(a.targets.begin(), a.targets.end(), b.targets.begin(), b.targets.end()) == a.targets.end())
      return false;
    if (a.pages.excludes(b.pages) || a.schedules != b.schedules) return false;
    if (b.pages.covers(a.pages) && !a.pages.covers(b.pages)) return false;
    return !constraints_[early].implies(constraints_[late]) && !constraints_[early].excludes(constraints_[late]);
  }

  /// "`a` (line 12)" or "`a` (home.yaml:12)".
  std::string named(RuleId id, RuleId beside) const {
    const Diagnostic place = findings_.sources.rule_sources[id].warning({});
    const Diagnostic here = findings_.sources.rule_sources[beside].warning({});
    return load::in_quotes(rule(id).id) + " (" + (place.file == here.file ? "line " : place.file + ":") +
           std::to_string(place.line) + ")";
  }

  void report_shadowed(RuleId id, RuleId by, const Slot& slot) {
    const load::RuleSource& source = findings_.sources.rule_sources[id];
    const std::string other = named(by, id);
    if (findings_.is_fallback(id))
      return findings_.add(source, "this fallback is never used: rule " + other + " always applies");
    const bool stronger = rule(by).priority > rule(id).priority;
    findings_.add(source, "rule " + load::in_quotes(rule(id).id) + " can never win slot " + load::in_quotes(slot.name) +
                              ": " + other + (stronger ? " has a higher priority" : " comes first") +
                              (constraints_[by].always() ? " and always applies" : " and applies whenever it does") +
                              "; give it a higher priority, or remove it");
  }

  void report_undecided(RuleId id, RuleId other, const Slot& slot) {
    findings_.add(findings_.sources.rule_sources[id],
                  "rule " + load::in_quotes(rule(id).id) + " and " + named(other, id) +
                      " have the same priority on slot " + load::in_quotes(slot.name) + ": where both apply, " +
                      load::in_quotes(rule(other).id) +
                      " wins only because it comes first; give one of them a higher priority");
  }

  Findings& findings_;
  cel::Terms terms_{findings_.set.schema};
  std::vector<cel::Constraints> constraints_;  // by rule
};

}  // namespace

void shadowed_rules(Findings& findings) {
  ShadowedRules shadowed_rules(findings);
  for (const Slot& slot : findings.set.slots) shadowed_rules.check(slot);
}

}  // namespace personalize::rules::lint
