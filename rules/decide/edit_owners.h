// Which rule each edit of a page comes from.
#pragma once

#include "rules/rule_set.h"

namespace personalize::rules {

/// For each edit, the position of its decision: `edits` are what `rules.render` made of `decisions`.
std::pmr::vector<std::size_t> owners_of(std::span<const html::Edit> edits, const Decisions& decisions,
                                        const RuleSet& rules, Arena& arena);

}  // namespace personalize::rules
