// ICU's text and ours.
#pragma once

#include <unicode/unistr.h>

#include <string>
#include <string_view>

#include "rules/value.h"

namespace personalize::rules::templates {

inline icu::UnicodeString to_icu(std::string_view utf8) {
  return icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())});
}

inline Value to_value(const icu::UnicodeString& text, Arena& arena) {
  std::string utf8;
  text.toUTF8String(utf8);
  return Value::string(copy(arena, utf8));
}

}  // namespace personalize::rules::templates
