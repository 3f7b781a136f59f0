// Finding tags in a page: with AVX2, SSE2 or plain code, chosen once when the process starts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "html/selector_index.h"

namespace personalize::html {

/// A tag and its attributes as found by `Scanner::tag`. All pointers and views point into the page.
struct ScannedTag {
  static constexpr std::size_t max_attributes = 16;

  const char* end = nullptr;  ///< behind `>`
  std::uint64_t name_low = 0;   ///< the name, lower-cased, filled with zeros: bytes 0 to 7, the first one lowest …
  std::uint64_t name_high = 0;  ///< … and 8 to 15
  std::uint8_t name_length = 0;
  bool end_tag = false;
  bool self_closing = false;
  std::uint8_t attribute_count = 0;
  /// One bit per attribute whose name is listed in `list`.
  std::uint16_t listed = 0;
  std::array<RawAttribute, max_attributes> attributes;

  /// Names that are of interest, by the low five bits of their first letter: one bit per length, the last one for
  /// all from 31 on.
  using NameList = std::array<std::uint32_t, 32>;
  static constexpr NameList no_names{};
  const NameList* list = &no_names;

  /// For the scanner. False if there is no room.
  bool add(std::string_view attribute, std::string_view value) {
    if (attribute_count == max_attributes) return false;
    const std::size_t length = attribute.size() < 31 ? attribute.size() : 31;
    const std::uint32_t is_listed = ((*list)[static_cast<std::uint8_t>(attribute[0]) & 31] >> length) & 1;
    listed = static_cast<std::uint16_t>(listed | is_listed << attribute_count);
    attributes[attribute_count++] = {attribute, value};
    return true;
  }
};

/// One implementation. All give the same answers and never read outside [begin, end).
struct Scanner {
  std::string_view name;
  /// First `wanted` in [begin, end), or `end`.
  const char* (*find)(const char* begin, const char* end, char wanted);
  /// First `a` or `b`, or `end`.
  const char* (*find_either)(const char* begin, const char* end, char a, char b);
  /// Reads the tag whose `<` is at `begin`. False if it is no tag, is not complete in [begin, end) or is better left to
  /// the tokenizer: unusual spelling, many attributes, end of the buffer near.
  bool (*tag)(const char* begin, const char* end, ScannedTag& tag);
};

/// The best one for this CPU.
const Scanner& scanner();

/// By name ("avx2", "sse2", "scalar"); null where the CPU cannot run it.
const Scanner* scanner(std::string_view name);

}  // namespace personalize::html
