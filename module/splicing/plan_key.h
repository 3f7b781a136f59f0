// Keys of plans: hashes of everything that a plan depends on.
#pragma once

#include <optional>
#include <string_view>

#include "module/splicing/page_file.h"
#include "module/splicing/plan_zone.h"
#include "rules/rule_set.h"

namespace personalize::module {

PlanKey hash(std::string_view bytes);

/// A hash of what plans depend on in a rule set: the selectors in the order of its slots, and for each whether some
/// rule reorders what it matches. So plans survive other changes of rules.
PlanKey hash_selectors(const rules::RuleSet& rules);

/// The same for plans that have the page's facts with them: those alone depend on what is read from pages. `selectors`
/// themselves if nothing is.
PlanKey hash_plans(const rules::RuleSet& rules, const PlanKey& selectors);

/// Something is read from pages.
bool reads_facts(const rules::RuleSet& rules);

struct IdentifiedPage {
  PlanKey key;
  /// The file changed so recently that it could change again without looking different.
  bool may_change = false;
};

/// Nothing if the file's identity cannot be determined. `form` is a hash of what a plan depends on besides:
/// Content-Type and Content-Encoding. `plans` is `hash_plans`.
std::optional<IdentifiedPage> identify(const PageFile& page, const PlanKey& form, const PlanKey& plans);

}  // namespace personalize::module
