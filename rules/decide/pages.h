// Which pages a slot is on or a rule is for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace personalize::rules {

/// True if `path` matches `pattern`, in which `*` stands for any number of any characters, `/` included.
bool matches_glob(std::string_view pattern, std::string_view path);

/// A list of patterns. Those that begin with `!` exclude. Without any that includes, everything that is not excluded
/// is matched.
class PagePatterns {
 public:
  /// Why `pattern` is not one, or nothing.
  static std::optional<std::string> refuse(std::string_view pattern);

  void add(std::string_view pattern);
  /// True if there is no pattern: all pages.
  bool empty() const { return included_.empty() && excluded_.empty(); }
  bool match(std::string_view path) const { return empty() || match_patterns(path); }
  /// Whether every page of `other` is one of these; false if that is not certain.
  bool covers(const PagePatterns& other) const;
  /// Whether no page is in both; false if that is not certain.
  bool excludes(const PagePatterns& other) const;
  /// As they were written, separated by ", ".
  std::string to_string() const;
  const std::vector<std::string>& included() const { return included_; }
  const std::vector<std::string>& excluded() const { return excluded_; }

 private:
  bool match_patterns(std::string_view path) const;

  std::vector<std::string> included_;
  std::vector<std::string> excluded_;  // without the `!`
};

}  // namespace personalize::rules
