// What all lints share. Each kind of lint has a file of its own.
#pragma once

#include <string>
#include <utility>

#include "rules/compiled.h"
#include "rules/lint/lint.h"

namespace personalize::rules::lint {

struct Findings {
  const RuleSet::Impl& set;
  const load::Sources& sources;
  const LintOptions& options;
  Diagnostics& found;

  void add(const yaml::Document& document, const yaml::Node& node, std::string message) {
    found.push_back(document.at(node, std::move(message), Diagnostic::Severity::warning));
  }
  void add(const load::RuleSource& rule, std::string message) { found.push_back(rule.warning(std::move(message))); }
  bool is_fallback(RuleId id) const {
    const load::RuleSource& source = sources.rule_sources[id];
    return source.document && !source.slot;
  }
};

void conditions(Findings& findings);      ///< conditions.cc: always true, never true
void countries(Findings& findings);       ///< countries.cc: comparisons with what is the code of no country
void shadowed_rules(Findings& findings);  ///< shadowed_rules.cc: rules that never win, or whose order is left to chance
void events(Findings& findings);          ///< events.cc: that are never made, or that say too little
void unused(Findings& findings);          ///< unused.cc: slots, segments, partials, blocks, holidays
void schedules(Findings& findings);       ///< schedules.cc: over, or without a day
void links(Findings& findings);           ///< links.cc: addresses that are not https

}  // namespace personalize::rules::lint
