// What inserted content consists of: whether it can stand in a page at all, and what matters about where.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "html/tag.h"

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
  constexpr bool intersects(const TagSet& other) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & other.words_[i]) != 0) return true;
    }
    return false;
  }
  constexpr bool empty() const { return words_ == std::array<std::uint64_t, 4>{}; }

 private:
  static constexpr std::size_t word(TagId tag) { return static_cast<std::size_t>(tag) / 64; }
  static constexpr std::uint64_t bit(TagId tag) { return std::uint64_t{1} << (static_cast<std::size_t>(tag) % 64); }
  std::array<std::uint64_t, 4> words_{};
};

struct ContentShape {
  /// Why it must not be inserted anywhere, one sentence; empty if it may be.
  std::string_view refused;
  TagSet top_level;   ///< elements that are in no other of the content
  TagSet in_scope;    ///< HTML elements that a `<p>`, `<button>`, `<a>` … around the content would take notice of: not in a
                      ///< table cell, `<template>`, `<object>`, … of the content
  TagSet any;         ///< all elements
  bool top_level_text = false;     ///< text other than white space in no element of the content
  char first = '\0';  ///< first byte, which a `<` in front of it could make a tag of
};

/// Reads `content` once. Content has to be complete in itself: every element that is not void is closed in it (or
/// closed by what the standard says closes it), nothing is closed that it has not opened, nothing is moved elsewhere by a
/// parser (text directly in a table), nothing is unfinished, and it has no `<html>`, `<head>`, `<body>`, `<plaintext>`.
ContentShape content_shape(std::string_view content);

}  // namespace personalize::html
