// Attribute values and JSON.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "engine/json/json.h"
#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::engine::json {

/// Plain JSON as people expect it: timestamps as RFC 3339, durations in seconds, bytes as text, missing as null.
Json to_json(const rules::Value& value);

/// The value of that type, in memory from `arena`; or that `json` is of another type.
tl::expected<rules::Value, std::string> from_json(const Json& json, const rules::Type& type, rules::Arena& arena);

}  // namespace personalize::engine::json
