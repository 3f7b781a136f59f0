// Language tags as shops and browsers write them (BCP 47): "de", "de-AT", "zh-Hant-TW".
#pragma once

#include <string>
#include <string_view>

namespace personalize::rules::text {

/// As a regular expression, for RE2 and for JSON Schema.
inline constexpr std::string_view language_tag_pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$";

bool is_language_tag(std::string_view text);

/// What is wrong with `quoted`, the text of something that is no language tag.
std::string not_a_language(std::string_view quoted);

}  // namespace personalize::rules::text
