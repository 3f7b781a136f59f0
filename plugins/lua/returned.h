// What functions of plugins in Lua return, as calls of the interface. Throws std::runtime_error, or what the interface
// throws, for what makes no sense.
#pragma once

#include "plugins/fetches.h"
#include "plugins/response_fields.h"
#include "rules/value.h"

namespace personalize::plugins {

/// A list of `{ "HGET", "loyalty", "points" }`, `{ shared = { "ZREVRANGE", "trending", "0", "9" } }` and
/// `{ location = "/_recommend", query = { n = 4 }, timeout = 50 }` (milliseconds).
void add_fetches(const rules::Value& returned, Fetches& fetches);

/// A list of `{ "HINCRBY", "seen", "pages", "1" }`.
void add_commands(const rules::Value& returned, Commands& commands);

/// `{ headers = { ["X-Tier"] = "gold" }, cookies = { { name = "tier", value = "gold", max_age = 3600 } } }`
void add_fields(const rules::Value& returned, ResponseFields& fields);

}  // namespace personalize::plugins
