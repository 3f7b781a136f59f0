// How many elements of each type the open elements have had as children.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "html/limits.h"

namespace personalize::html {

class TypeCounts {
 public:
  /// Counts a child of the open element at `parent_depth` and returns its index among those of its type, from 1; 0 if
  /// the parent has had too many different types.
  std::uint32_t count(std::int32_t parent_depth, std::uint64_t type);
  /// How many there have been.
  std::uint32_t total(std::int32_t parent_depth, std::uint64_t type) const;
  /// Elements at this depth and deeper have closed.
  void close(std::int32_t depth) {
    while (!entries_.empty() && entries_.back().parent_depth >= depth) entries_.pop_back();
  }
  std::int32_t watch_depth() const { return entries_.empty() ? -1 : entries_.back().parent_depth; }
  std::size_t memory() const { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    std::int32_t parent_depth;
    std::uint32_t count;
    std::uint64_t type;
  };
  std::vector<Entry> entries_;  // a stack in the order of depth
};

inline std::uint32_t TypeCounts::count(std::int32_t parent_depth, std::uint64_t type) {
  std::size_t seen = 0;
  for (std::size_t i = entries_.size(); i-- > 0 && entries_[i].parent_depth == parent_depth; ++seen) {
    if (entries_[i].type == type) return ++entries_[i].count;
  }
  if (seen >= limits::max_types) return 0;
  entries_.push_back({parent_depth, 1, type});
  return 1;
}

inline std::uint32_t TypeCounts::total(std::int32_t parent_depth, std::uint64_t type) const {
  for (std::size_t i = entries_.size(); i-- > 0 && entries_[i].parent_depth >= parent_depth;) {
    if (entries_[i].parent_depth == parent_depth && entries_[i].type == type) return entries_[i].count;
  }
  return 0;
}

}  // namespace personalize::html
