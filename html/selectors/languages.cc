#include "html/selectors/languages.h"

#include "html/limits.h"
#include "html/tokens/ascii.h"

namespace personalize::html {
namespace {

/// Removes the first subtag from `tag`.
std::string_view take_subtag(std::string_view& tag) {
  const std::size_t end = tag.find('-');
  const std::string_view subtag = tag.substr(0, end);
  tag = end == std::string_view::npos ? std::string_view() : tag.substr(end + 1);
  return subtag;
}

}  // namespace

bool language_matches(std::string_view language, std::string_view range) {
  if (language.empty() || range.empty()) return language.empty() && range.empty();
  const std::string_view first = take_subtag(range);
  if (const std::string_view own = take_subtag(language); first != "*" && !equals_ignoring_case(own, first))
    return false;
  while (!range.empty()) {
    const std::string_view wanted = take_subtag(range);
    if (wanted == "*") continue;
    while (true) {
      if (language.empty()) return false;
      const std::string_view own = take_subtag(language);
      if (equals_ignoring_case(own, wanted)) break;
      if (own.size() == 1) return false;  // what follows is private or an extension
    }
  }
  return true;
}

void Languages::open(std::int32_t depth, std::string_view language) {
  close(depth);
  open_.push_back(
      {depth, true, std::string(language.size() <= limits::max_language_tag ? language : std::string_view())});
}

}  // namespace personalize::html
