// Text of values and names of their types.
#pragma once

#include <string>
#include <string_view>

#include "rules/value.h"

namespace personalize::rules::cel {

/// What `type(v)` of a value of that kind is called: "int", "google.protobuf.Timestamp", ….
std::string_view type_name(Kind kind);

/// Shortest text that reads back as the same double; "NaN", "Infinity".
std::string real_text(double value);

/// Text of a value that is neither list nor map nor optional, as `string(v)` gives it; `null` for null.
std::string scalar_text(const Value& value);

}  // namespace personalize::rules::cel
