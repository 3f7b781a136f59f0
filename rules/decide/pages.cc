#include "rules/decide/pages.h"

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

namespace {

/// Whether some path matches both patterns: row by row, whether what is left of both can match the same text.
bool meet(std::string_view a, std::string_view b) {
  std::vector<char> below(b.size() + 1), row(b.size() + 1);
  for (std::size_t i = a.size() + 1; i-- > 0;) {
    for (std::size_t j = b.size() + 1; j-- > 0;) {
      const bool star_a = i < a.size() && a[i] == '*';
      const bool star_b = j < b.size() && b[j] == '*';
      row[j] = (i == a.size() && j == b.size()) || (star_a && (below[j] || (j < b.size() && row[j + 1]))) ||
               (star_b && (row[j + 1] || (i < a.size() && below[j]))) ||
               (i < a.size() && j < b.size() && a[i] == b[j] && below[j + 1]);
    }
    std::swap(row, below);
  }
  return below[0] != 0;
}

}  // namespace

std::optional<std::string> PagePatterns::refuse(std::string_view pattern) {
  if (pattern.starts_with('!')) pattern.remove_prefix(1);
  if (pattern.starts_with('/') || pattern.starts_with('*')) {
    constexpr std::size_t max_pattern_size = 1024;
    if (pattern.size() > max_pattern_size)
      return "a page cannot be longer than " + std::to_string(max_pattern_size) + " characters";
    if (pattern.find_first_of("?#") != std::string_view::npos)
      return "a page is a path: what follows ? or # is not part of it";
    return std::nullopt;
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

bool PagePatterns::match_patterns(std::string_view path) const {
  const auto matches = [&](const std::string& pattern) { return matches_glob(pattern, path); };
  if (std::any_of(excluded_.begin(), excluded_.end(), matches)) return false;
  return included_.empty() || std::any_of(included_.begin(), included_.end(), matches);
}

bool PagePatterns::covers(const PagePatterns& other) const {
  // A pattern that matches another's text matches all that the other does: only `*` matches a `*`.
  const auto matched_by = [](const std::vector<std::string>& patterns) {
    return [&patterns](const std::string& text) {
      return std::any_of(patterns.begin(), patterns.end(),
                         [&](const std::string& pattern) { return matches_glob(pattern, text); });
    };
  };
  if (!std::all_of(excluded_.begin(), excluded_.end(), matched_by(other.excluded_))) return false;
  if (included_.empty()) return true;
  return !other.included_.empty() && std::all_of(other.included_.begin(), other.included_.end(), matched_by(included_));
}

bool PagePatterns::excludes(const PagePatterns& other) const {
  const auto apart = [](const std::string& pattern, const PagePatterns& from) {
    const auto matched = [&](const std::string& excluded) { return matches_glob(excluded, pattern); };
    if (std::any_of(from.excluded_.begin(), from.excluded_.end(), matched)) return true;
    return !from.included_.empty() && std::none_of(from.included_.begin(), from.included_.end(),
                                                   [&](const std::string& own) { return meet(own, pattern); });
  };
  const auto all_apart = [&](const PagePatterns& a, const PagePatterns& b) {
    return !a.included_.empty() && std::all_of(a.included_.begin(), a.included_.end(),
                                               [&](const std::string& pattern) { return apart(pattern, b); });
  };
  return all_apart(*this, other) || all_apart(other, *this);
}

std::string PagePatterns::to_string() const {
  std::string text;
  for (const std::string& pattern : included_) text.append(text.empty() ? "" : ", ").append(pattern);
  for (const std::string& pattern : excluded_) text.append(text.empty() ? "!" : ", !").append(pattern);
  return text;
}

}  // namespace personalize::rules
