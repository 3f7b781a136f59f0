// What plugins in Lua are told of a page.
#pragma once

#include "plugins/exposure.h"
#include "rules/value.h"

namespace personalize::plugins {

/// A list of `{ slot = …, rule = …, applied = …, reason = …, experiment = …, variation = …, items = { … } }`.
rules::Value describe_exposures(const PageExposures& page, rules::Arena& arena);
/// `{ status = …, bytes = …, complete = …, viewed = …, head = …, prefetch = …, bot = … }`
rules::Value describe_end(const ResponseEnd& response, rules::Arena& arena);
/// As in version 1: a list of `{ slot = …, rule = … }` of those that were applied.
rules::Value describe_shown(const PageExposures& page, rules::Arena& arena);

}  // namespace personalize::plugins
