// Attribute values and JSON.
#pragma once

#include "cli/json.h"
#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::cli {

/// Plain JSON as people expect it: timestamps as RFC 3339, durations in seconds, bytes as text, missing as null.
Json to_json(const rules::Value& value);

/// The value of that type; throws std::runtime_error if `json` is of another one. Memory comes from `arena`.
rules::Value from_json(const Json& json, const rules::Type& type, rules::Arena& arena);

}  // namespace personalize::cli
