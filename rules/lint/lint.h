// Warnings about rule files that are valid but probably not meant: a rule that never wins, a condition that is never
// true, something that nothing uses. There are no false alarms: where it cannot be proven, nothing is reported.
#pragma once

#include <cstdint>
#include <string_view>

#include "rules/diagnostic.h"
#include "rules/load/sources.h"
#include "rules/rule_set.h"

namespace personalize::rules {

struct LintOptions {
  std::int64_t now_us = 0;  ///< microseconds since 1970 UTC: what is over by then is in the past
  bool https = true;        ///< the shop's pages are served over https
};

/// Warnings with their places, in the order of files and lines. `sources` are those that `set` was loaded with.
Diagnostics lint_rules(const RuleSet& set, const load::Sources& sources, const LintOptions& options);

/// Of these only comparisons with what is the code of no country. None if the set was compiled for others before, so
/// that `sources` are empty.
Diagnostics lint_countries(const RuleSet& set, const load::Sources& sources);

/// A page of the shop, as the backend writes it.
struct Page {
  std::string_view name;  ///< for messages: its file
  std::string_view path;  ///< in the shop, for `pages`; empty: not known
  std::string_view html;
};

/// Warnings about slots in these pages: selectors that match nothing, elements that a framework in the browser would
/// overwrite.
Diagnostics lint_pages(const RuleSet& set, const load::Sources& sources, std::span<const Page> pages);

/// Warnings about facts that these pages should have and do not: an event that is made of every view of the page needs
/// them. Pages without a path are left alone.
Diagnostics lint_facts(const RuleSet& set, std::span<const Page> pages);

}  // namespace personalize::rules
