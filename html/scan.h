// Finding tags in a page: with AVX2, SSE2 or plain code, chosen once when the process starts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "html/selector_index.h"

namespace personalize::html {

/// A tag as found by `Scanner::next`. All pointers and views point into the page.
struct ScannedTag {
  static constexpr std::size_t max_listed = 8;

  const char* end = nullptr;  ///< behind `>`; null if it is left to the tokenizer
  std::uint64_t name_low = 0;   ///< the name, lower-cased, filled with zeros: bytes 0 to 7, the first one lowest …
  std::uint64_t name_high = 0;  ///< … and 8 to 15
  std::uint8_t name_length = 0;
  bool end_tag = false;
  bool self_closing = false;
  bool has_attributes = false;  ///< there is something between name and `>`
  std::uint8_t listed_count = 0;
  const char* unquoted_end = nullptr;  ///< for the scanner: where the last value without quotes ends
  std::array<RawAttribute, max_listed> listed;  ///< the attributes whose names `list` may contain

  /// Names that are of interest, by the low five bits of their first letter: one bit per length, the last one for
  /// all from 31 on.
  using NameList = std::array<std::uint32_t, 32>;
  static constexpr NameList no_names{};
  const NameList* list = &no_names;

  /// For the scanner: `attribute` is listed.
  bool lists(std::string_view attribute) const {
    const std::size_t length = attribute.size() < 31 ? attribute.size() : 31;
    return (((*list)[static_cast<std::uint8_t>(attribute[0]) & 31] >> length) & 1) != 0;
  }
  /// For the scanner: keeps a listed attribute; false if there is no room.
  bool add(std::string_view attribute, std::string_view value) {
    if (listed_count == max_listed) return false;
    listed[listed_count++] = {attribute, value};
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
  /// First `<` in [begin, end), or `end`; and the tag that begins there. `tag.end` is null if none does, if it is not
  /// complete in [begin, end) or better left to the tokenizer: unusual spelling, end of the buffer near.
  const char* (*next)(const char* begin, const char* end, ScannedTag& tag);
};

/// The best one for this CPU.
const Scanner& scanner();

/// By name ("avx2", "sse2", "scalar"); null where the CPU cannot run it.
const Scanner* scanner(std::string_view name);

}  // namespace personalize::html
