// Schedules that are over, or that never apply.
#include <memory_resource>

#include "rules/lint/findings.h"

namespace personalize::rules::lint {

void schedules(Findings& findings) {
  std::pmr::monotonic_buffer_resource memory;
  const Clock clock(findings.options.now_us, {}, findings.set.zones, memory);
  for (RuleId id = 0; id < findings.set.rules.size(); ++id) {
    const Rule& rule = findings.set.rules[id];
    const load::RuleSource& source = findings.sources.rule_sources[id];
    for (std::size_t i = 0; i < rule.schedules.size() && i < source.schedules.size(); ++i) {
      const std::string subject = "the schedule of rule " + load::in_quotes(rule.id);
      if (rule.schedules[i].never())
        findings.add(*source.document, *source.schedules[i],
                     subject + " has no day: what it asks for never comes together");
      else if (rule.schedules[i].over(clock))
        findings.add(
            *source.document, *source.schedules[i],
            subject + " is over: move its dates, or remove " + (rule.schedules.size() > 1 ? "it" : "the rule"));
    }
  }
}

}  // namespace personalize::rules::lint
