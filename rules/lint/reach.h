// Whether what the rules of a slot do can be done to its elements in a page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "html/edits/edit.h"
#include "rules/compiled.h"

namespace personalize::rules {

/// An action that the rewriter would not do to all elements that the slot's selector matches.
struct Unreached {
  html::EditResult result;
  const Action* action;
};

/// Tries each action of the slot's rules by itself, with its own content; in place of values stands a word, and
/// sections are all there or all left out. Only what is refused in both cases is reported.
std::optional<Unreached> find_unreached(const RuleSet::Impl& set, SlotId slot, std::string_view page);

/// It puts tags into its element.
bool writes_tags(const Action& action);

}  // namespace personalize::rules
