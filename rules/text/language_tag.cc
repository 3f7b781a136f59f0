#include "rules/text/language_tag.h"

#include <re2/re2.h>

namespace personalize::rules::text {

bool is_language_tag(std::string_view text) {
  static const RE2 tag(re2::StringPiece(language_tag_pattern.data(), language_tag_pattern.size()));
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), tag);
}

std::string not_a_language(std::string_view quoted) {
  return std::string(quoted) + " is not a language: write it like en or de-AT";
}

}  // namespace personalize::rules::text
