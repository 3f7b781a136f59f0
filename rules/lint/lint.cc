#include "rules/lint/lint.h"

#include "rules/events/event_rules.h"
#include "rules/lint/findings.h"

namespace personalize::rules {

Diagnostics lint_rules(const RuleSet& set, const load::Sources& sources, const LintOptions& options) {
  Diagnostics found;
  lint::Findings findings{set.impl(), sources, options, found};
  lint::conditions(findings);
  lint::countries(findings);
  lint::shadowed_rules(findings);
  lint::events(findings);
  lint::unused(findings);
  lint::schedules(findings);
  if (options.https) lint::links(findings);
  sources.sort(found);
  return found;
}

Diagnostics lint_countries(const RuleSet& set, const load::Sources& sources) {
  Diagnostics found;
  if (sources.rule_sources.size() != set.rule_count() || sources.event_sources.size() != set.events().mapping_count())
    return found;
  const LintOptions options;
  lint::Findings findings{set.impl(), sources, options, found};
  lint::countries(findings);
  sources.sort(found);
  return found;
}

}  // namespace personalize::rules
