#include "rules/pages.h"

#include <algorithm>

namespace personalize::rules {

bool matches_glob(std::string_view pattern, std::string_view path) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last `*` seen, and how much of the path it stands for
  std::size_t star_end = 0;
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = t;
    } else if (p < pattern.size() && pattern[p] == path[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string PagePatterns::refuse(std::string_view pattern) {
  if (pattern.starts_with('!')) pattern.remove_prefix(1);
  if (pattern.starts_with('/') || pattern.starts_with('*')) {
    constexpr std::size_t longest = 1024;
    if (pattern.size() > longest) return "a page cannot be longer than " + std::to_string(longest) + " characters";
    if (pattern.find_first_of("?#") != std::string_view::npos)
      return "a page is a path: what follows ? or # is not part of it";
    return {};
  }
  if (pattern.find("://") != std::string_view::npos) return "a page is a path such as /c/*, without scheme and host";
  return "a page begins with / (or with *, or with ! to exclude it)";
}

void PagePatterns::add(std::string_view pattern) {
  if (pattern.starts_with('!')) {
    excluded_.emplace_back(pattern.substr(1));
  } else {
    included_.emplace_back(pattern);
  }
}

bool PagePatterns::match(std::string_view path) const {
  const auto matches = [&](const std::string& pattern) { return matches_glob(pattern, path); };
  if (std::any_of(excluded_.begin(), excluded_.end(), matches)) return false;
  return included_.empty() || std::any_of(included_.begin(), included_.end(), matches);
}

std::string PagePatterns::to_string() const {
  std::string text;
  for (const std::string& pattern : included_) text.append(text.empty() ? "" : ", ").append(pattern);
  for (const std::string& pattern : excluded_) text.append(text.empty() ? "!" : ", !").append(pattern);
  return text;
}

}  // namespace personalize::rules
