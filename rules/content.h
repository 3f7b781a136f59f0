// Content that does not come from rule files, but from a plugin or a rule in Lua.
#pragma once

#include "rules/value.h"

namespace personalize::rules {

/// Whether templates can take it: UTF-8 throughout, nested no deeper than a page needs, no error.
bool fit_for_templates(const Value& content);

/// Whether it can be shown as it is, without a template that names what is in it.
bool has_text(const Value& content);

}  // namespace personalize::rules
