#include "rules/decide/edit_owners.h"

#include "rules/compiled.h"

namespace personalize::rules {

std::pmr::vector<std::size_t> owners_of(std::span<const html::Edit> edits, const Decisions& decisions,
                                        const RuleSet& rules, Arena& arena) {
  std::pmr::vector<std::size_t> owners(&arena);
  owners.reserve(edits.size());
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    for (const Action& action : rules.impl().rules[decisions[i].rule].actions) {
      // Edits come in the order of the actions, some of which give none; each refers to its own action's name.
      if (owners.size() == edits.size()) return owners;
      if (edits[owners.size()].name.data() == action.name.data()) owners.push_back(i);
    }
  }
  return owners;
}

}  // namespace personalize::rules
