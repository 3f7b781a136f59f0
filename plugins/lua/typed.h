// What Lua returned, as the type that an attribute was declared with.
#pragma once

#include <optional>

#include "rules/type.h"
#include "rules/value.h"

namespace personalize::plugins {

/// Lua has one kind of number, no moments, and one kind of table: those become what the type says. Missing stays
/// missing. Nothing if the value does not fit.
std::optional<rules::Value> typed(const rules::Value& value, const rules::Type& type, rules::Arena& arena);

}  // namespace personalize::plugins
