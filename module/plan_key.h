// Which plan belongs to a response: hashes of all that it depends on.
#pragma once

#include <string_view>

#include "module/page_file.h"
#include "module/plan_zone.h"
#include "rules/rule_set.h"

namespace personalize::nginx {

PlanKey hash(std::string_view bytes);

/// Of a rule set's selectors in the order of its slots, and whether some rule sorts what they match. No more of it:
/// rules come and go, the places stay.
PlanKey hash_selectors(const rules::RuleSet& rules);

struct IdentifiedPage {
  PlanKey key;
  /// The file changed so recently that it could change again without looking different.
  bool may_change = false;
};

/// False if the file's identity cannot be found out. `form` is a hash of what else makes a difference:
/// Content-Type, the encoding.
bool identify(const PageFile& page, const PlanKey& form, const PlanKey& selectors, IdentifiedPage& identified);

}  // namespace personalize::nginx
