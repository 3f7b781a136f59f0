// Finds the stretches of a chunk that need no look the next time (see seen_pages.h).
#pragma once

#include <cstdint>
#include <vector>

#include "html/seen_pages.h"

namespace personalize::html {

class Tree;

/// Told of the places between tags of one chunk, in order, at which nothing is unfinished.
class StretchRecorder {
 public:
  /// `offset` in the chunk; `concerned`: how many elements concerned a selector so far, on the whole page.
  void at(std::uint32_t offset, const Tree& tree, std::uint64_t concerned);

  /// What was found, in the order of the chunk.
  std::vector<Stretch> finish();

 private:
  /// The longest stretch so far of children of the element that is innermost among `depth` open ones.
  struct Run {
    std::size_t depth;
    Stretch stretch;
    std::uint32_t children;  // of the element, where the stretch begins
    std::uint64_t concerned;
  };

  static Run begin(std::uint32_t offset, const Tree& tree, std::uint64_t concerned, std::uint64_t state);
  void keep(const Stretch& stretch);

  // Of the element in hand and of those around it, outermost first; each stretch ends before those of the next begin.
  std::vector<Run> runs_;
  std::vector<Stretch> found_;
};

}  // namespace personalize::html
