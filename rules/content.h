// Content that does not come from rule files, but from a plugin or a rule in Lua.
#pragma once

#include "rules/value.h"

namespace personalize::rules {

/// Whether templates can take it: UTF-8 throughout, nested no deeper than a page needs, no error.
bool fit_for_templates(const Value& content);

}  // namespace personalize::rules
