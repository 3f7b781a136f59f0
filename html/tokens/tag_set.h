// Sets of tag names, for the tables of the HTML standard.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "html/tokens/tag.h"

namespace personalize::html {

/// A set of tag names; all names without an id are one member.
class TagSet {
 public:
  constexpr TagSet() = default;
  constexpr TagSet(std::initializer_list<TagId> tags) {
    for (const TagId tag : tags) add(tag);
  }
  constexpr void add(TagId tag) { words_[word(tag)] |= bit(tag); }
  constexpr bool has(TagId tag) const { return (words_[word(tag)] & bit(tag)) != 0; }

 private:
  static constexpr std::size_t word(TagId tag) { return static_cast<std::size_t>(tag) / 64; }
  static constexpr std::uint64_t bit(TagId tag) { return std::uint64_t{1} << (static_cast<std::size_t>(tag) % 64); }
  std::array<std::uint64_t, 4> words_{};
};

}  // namespace personalize::html
