// Partial matches of selectors with combinators on one page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "html/selectors/compiled_selectors.h"
#include "html/selectors/conditions.h"

namespace personalize::html {

/// An open element that matched a step which others follow has a `Level`; a parent with such a child has `Siblings`.
/// Both are stacks in the order of depth, with bitmaps (one bit per step) beside them. Matches that depend on a
/// condition which is still open are in lists of their own.
class Combinators {
 public:
  Combinators(const SelectorIndex& index, Conditions& conditions);

  /// Begins a new element; everything at its depth and deeper is closed.
  void open(std::uint32_t depth, std::uint32_t child_index);
  /// Whether it is where `step`, which follows another one, requires it to be.
  Truth follows(const Step& step) const;
  /// It matches the step with this bit.
  void matched(std::uint32_t bit, Truth truth);
  /// All its matches have been reported.
  void opened();

  void close(std::int32_t depth);
  std::int32_t watch_depth() const;
  /// Every element could match here.
  bool universal() const;

  /// All conditions have been decided and are about to be forgotten.
  void adopt_answers();
  std::size_t memory() const;

 private:
  struct Level {
    std::int32_t depth;
    bool universal;             // in it (or around it) every element has to be opened
    std::uint32_t conditional;  // where its entries in level_conditional_ begin
  };
  struct Siblings {
    std::int32_t parent_depth;
    std::uint32_t last;         // child index of the element that set the bits for the next one
    bool universal_next;        // the next one has to be opened whatever it is
    bool universal_later;       // all have to be
    std::uint32_t conditional;  // where its entries in sibling_conditional_ begin
  };
  /// A step that has matched if a condition holds.
  struct Conditional {
    std::uint32_t bit;
    Truth truth;
  };

  // Sets of bits: two for each level (for descendants, for children) and each sibling level (for the next,
  // for all later).
  std::uint64_t* words(BitWords& all, std::size_t level, std::size_t set) {
    return all.data() + words_ * (2 * level + set);
  }
  bool has(const BitWords& all, std::size_t level, std::size_t set, std::uint32_t bit) const {
    return (all[words_ * (2 * level + set) + bit / 64] >> (bit % 64)) & 1;
  }
  bool is_followed_by(Combinator combinator, std::uint32_t bit) const {
    return (index_.bits(combinator)[bit / 64] >> (bit % 64)) & 1;
  }
  bool is_universal(std::uint32_t bit) const { return (index_.universal_bits()[bit / 64] >> (bit % 64)) & 1; }
  static Truth find(const std::vector<Conditional>& list, std::size_t from, std::uint32_t bit);

  bool has_siblings() const { return !siblings_.empty() && siblings_.back().parent_depth == parent_depth_; }
  Truth ancestor(std::uint32_t bit) const;
  Truth earlier_sibling(std::uint32_t bit) const;
  void push_level();
  void add_sibling();

  const SelectorIndex& index_;
  Conditions& conditions_;
  const std::size_t words_;
  std::vector<Level> levels_;
  BitWords level_bits_;
  std::vector<Conditional> level_conditional_;
  std::vector<Siblings> siblings_;
  BitWords sibling_bits_;
  std::vector<Conditional> sibling_conditional_;

  // The element that is being opened.
  std::int32_t parent_depth_ = -1;
  std::uint32_t child_index_ = 0;
  bool inside_ = false, beside_ = false;  // it matched something that matters in it, beside it
  BitWords matched_;
  std::vector<Conditional> matched_conditional_;
};

}  // namespace personalize::html
