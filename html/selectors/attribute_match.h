// Attribute values against the operators of attribute selectors.
#pragma once

#include <string_view>

#include "html/selectors/ast.h"

namespace personalize::html {

/// White space as HTML defines it, which separates the words of `class`.
inline bool is_html_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

/// `lower` is in lower case; ASCII case of `name` does not matter.
bool equals_lower(std::string_view name, std::string_view lower);

/// `value` is decoded. With `ignore_case` ASCII letters of both cases are the same.
bool value_matches(AttributeOperator op, std::string_view value, std::string_view wanted, bool ignore_case);

}  // namespace personalize::html
