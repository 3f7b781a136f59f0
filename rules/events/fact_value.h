// From the text of a fact to a value of its type.
#pragma once

#include <optional>
#include <string_view>

#include "rules/type.h"
#include "rules/value.h"

namespace personalize::rules {

/// `text` as pages have it, of an attribute or an element. Missing if it says nothing of that type. `type`: string,
/// int, double or bool. A string is trimmed, and views `text`.
///
/// Numbers may stand among words, but must be the only one ("96 results", "€ 1.299,00"); signs that group digits are
/// left out. A single `.` before three digits is decimal if the text is nothing but the number, as programs write it,
/// and groups thousands among other text; a single `,` before three digits always does.
Value convert(Kind type, std::string_view text);

/// The only number in the text.
std::optional<double> number_in(std::string_view text);

}  // namespace personalize::rules
