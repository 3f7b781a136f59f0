#include "rules/lint/lint.h"

#include "rules/lint/findings.h"

namespace personalize::rules {

Diagnostics lint(const RuleSet& set, const load::Sources& sources, const LintOptions& options) {
  Diagnostics found;
  lint_kinds::Findings findings{set.impl(), sources, options, found};
  lint_kinds::conditions(findings);
  lint_kinds::rivals(findings);
  lint_kinds::unused(findings);
  lint_kinds::schedules(findings);
  if (options.https) lint_kinds::links(findings);
  sources.sort(found);
  return found;
}

}  // namespace personalize::rules
