// Finds the page lists that match a path without trying each of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/decide/pages.h"

namespace personalize::rules {

class PageIndex {
 public:
  /// Number of the list; equal lists have the same number. Lists without patterns need no index.
  std::uint32_t add(const PagePatterns& pages);
  /// Once, after the last `add`.
  void build();
  /// Whether some list matches.
  bool matches(std::string_view path) const;
  /// Numbers of all lists that match, each once, in no particular order.
  std::pmr::vector<std::uint32_t> find(std::string_view path, std::pmr::memory_resource& memory) const;

 private:
  struct Entry {
    std::string pattern;
    std::vector<std::uint32_t> lists;  // that include it
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <typename Value>
  using Table = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  bool matches(const Entry& entry, std::string_view path) const;
  void collect(const Entry& entry, std::string_view path, std::pmr::vector<std::uint32_t>& found) const;

  std::vector<PagePatterns> lists_;
  std::map<std::string, std::uint32_t> numbers_;
  Table<Entry> exact_;                         // patterns without `*`
  Table<std::vector<Entry>> by_prefix_;        // others, by what precedes the first `*`
  std::vector<std::size_t> prefix_lengths_;    // that occur, ascending
  std::vector<std::uint32_t> only_excluding_;  // lists without a pattern that includes
};

}  // namespace personalize::rules
