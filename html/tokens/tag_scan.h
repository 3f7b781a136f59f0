// Reading a tag from the masks of a strip: its name, where it ends, and those of its attributes that matter.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "html/selectors/prefilter.h"
#include "html/tokens/ascii.h"
#include "html/tokens/attributes.h"
#include "html/tokens/strip.h"
#include "html/tokens/tag.h"

namespace personalize::html {

/// A tag as found by `scan_tag`. All pointers and views point into the page.
struct ScannedTag {
  static constexpr std::size_t max_listed = 8;

  const char* end = nullptr;  ///< after `>`
  TagName name;
  std::uint64_t name_key = 0;  ///< `tag_key` of the name
  std::uint8_t name_length = 0;
  bool end_tag = false;
  bool self_closing = false;
  bool has_attributes = false;  ///< there is something between name and `>`
  std::uint8_t listed_count = 0;
  std::array<RawAttribute, max_listed> listed;  ///< the attributes whose names `list` may contain

  /// Names that are of interest, by the low five bits of their first letter: one bit per length, the last one for
  /// all from 63 on.
  using NameList = std::array<std::uint64_t, 32>;
  static constexpr NameList no_names{};
  const NameList* list = &no_names;

  /// The lengths of listed names that begin with this letter.
  std::uint64_t lengths(char first) const { return (*list)[static_cast<std::uint8_t>(first) & 31]; }
  /// An attribute of that name is listed.
  bool lists(char first, std::size_t length) const { return (lengths(first) >> (length < 63 ? length : 63) & 1) != 0; }
  /// Keeps a listed attribute; false if there is no room.
  bool add(std::string_view attribute, std::string_view value) {
    if (listed_count == max_listed) return false;
    listed[listed_count++] = {attribute, value};
    return true;
  }
};

/// Up to eight bytes in lower case, filled with zeros. Eight bytes can be read at `p`.
inline std::uint64_t lowered(const char* p, std::size_t length) {
  constexpr std::uint64_t ones = 0x0101010101010101u;
  std::uint64_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  if (length < 8) bytes &= (std::uint64_t{1} << (8 * length)) - 1;
  const std::uint64_t low_bits = bytes & (ones * 0x7F);
  const std::uint64_t from_a = low_bits + ones * (0x80 - 'A');
  const std::uint64_t above_z = low_bits + ones * (0x7F - 'Z');
  const std::uint64_t upper = (from_a ^ above_z) & ~bytes & (ones * 0x80);
  return bytes | (upper >> 2);
}

/// The same at less cost, but bytes other than letters, digits and `-` may become any of these. `length` is not 0.
inline std::uint64_t folded(const char* p, unsigned length) {
  std::uint64_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  if (length < 8) bytes &= ~std::uint64_t{0} >> (64 - 8 * length);
  return bytes | (bytes & 0x4040404040404040u) >> 1;
}

/// Reads the attributes from `p` on, of any spelling, and the end of the tag. False if that is left to the tokenizer.
bool scan_odd_attributes(const Strip& strip, const char* p, ScannedTag& tag);

/// Reads the attributes that stand between the tag's name and its `>`, from `p` on. Where all values are in double
/// quotes, as is nearly always so, the masks show at once what is in quotes, and so where the tag ends, without going
/// from attribute to attribute.
[[gnu::always_inline]] inline bool scan_attributes(const Strip& strip, const char* p, ScannedTag& tag) {
  const ByteKinds& kinds = strip.kinds();
  const std::uint64_t even_before = (strip.bits(kinds.inside, p - 1) & 1) - 1;
  for (;;) {
    const Strip::View view(strip, p);
    const char* const base = view.base();
    const std::uint64_t ahead = ~std::uint64_t{0} << (p - base);
    const std::uint64_t quotes = view.bits(kinds.quotes) & ahead;
    const std::uint64_t outside = (view.bits(kinds.inside) ^ even_before) & ahead;  // with the closing quotes
    const std::uint64_t ends = view.bits(kinds.greater) & outside;
    // As far as these bits show: up to the `>`, or through the last quote.
    std::uint64_t before_end;
    if (ends != 0) {
      before_end = (ends & (0 - ends)) - 1;
    } else if (quotes != 0) {
      before_end = ~std::uint64_t{0} >> std::countl_zero(quotes);
    } else {
      return scan_odd_attributes(strip, p, tag);
    }
    const std::uint64_t region = outside & before_end;
    const std::uint64_t equals = view.bits(kinds.equals) & region;
    const std::uint64_t names = region & ~(view.bits(kinds.breaks) | equals | quotes);
    const std::uint64_t opening = quotes & ~outside & before_end;
    const std::uint64_t apostrophes = view.bits(kinds.apostrophes) & region;
    // Every `=` follows a name, and quotes follow every `=` and nothing else.
    if (((equals & ~(names << 1)) | ((equals << 1) ^ opening) | apostrophes) != 0) {
      return scan_odd_attributes(strip, p, tag);
    }
    const char* behind = nullptr;  // the value that does not end in these bits
    if (ends == 0) {
      behind = base + 64 - std::countl_zero(quotes);
      if (opening > (quotes & outside)) {
        behind = strip.find(kinds.quotes, behind);
        if (behind == strip.end()) return false;
        ++behind;
      }
    }
    for (std::uint64_t starts = names & ~(names << 1); starts != 0; starts &= starts - 1) {
      const auto start = static_cast<unsigned>(std::countr_zero(starts));
      const char* const name = base + start;
      const std::uint64_t lengths = tag.lengths(*name);
      if (lengths == 0) continue;
      const auto length = static_cast<unsigned>(std::countr_one(names >> start));
      if ((lengths >> length & 1) == 0) continue;
      std::string_view value;
      if (name[length] == '=') {
        const std::uint64_t both = quotes >> start, closing = both & (both - 1);
        const char* const begin = name + length + 2;
        const char* const end = closing != 0 ? name + static_cast<unsigned>(std::countr_zero(closing)) : behind - 1;
        value = {begin, static_cast<std::size_t>(end - begin)};
      }
      if (!tag.add({name, length}, value)) return false;
    }
    if (ends != 0) {
      const char* const close = base + static_cast<unsigned>(std::countr_zero(ends));
      tag.self_closing = close[-1] == '/';
      tag.end = close + 1;
      return true;
    }
    p = behind;
  }
}

inline constexpr unsigned max_scanned_name = 16;
/// Bytes of the strip that there have to be from a `<` on.
inline constexpr std::ptrdiff_t scan_room = max_scanned_name + 3;

/// After the comment at `begin`, which is a `<` in the strip, with `scan_room`. Null if none begins there, if it does
/// not end in the strip or ends in an unusual way.
[[gnu::always_inline]] inline const char* scan_comment(const Strip& strip, const char* begin) {
  if (begin[1] != '!' || begin[2] != '-' || begin[3] != '-') return nullptr;
  for (const char* p = begin + 4;; ++p) {
    p = strip.find(strip.kinds().greater, p);
    if (p == strip.end() || p < begin + 6 || p[-1] == '!') return nullptr;
    if (p[-1] == '-' && p[-2] == '-') return p + 1;
  }
}

/// The tag at `begin`, which is a `<` in the strip. False if none begins there, if it does not end in the strip or is
/// better left to the tokenizer: unusual spelling. There is `scan_room` from `begin` on.
[[gnu::always_inline]] inline bool scan_tag(const Strip& strip, const char* begin, ScannedTag& tag) {
  const char* name = begin + 1;
  tag.end_tag = *name == '/';
  name += tag.end_tag;
  if (!is_ascii_letter(*name)) return false;
  const std::uint64_t breaks = strip.bits(strip.kinds().breaks, name);
  const auto length = static_cast<unsigned>(std::countr_zero(breaks));
  if (length > max_scanned_name) return false;
  tag.name_length = static_cast<std::uint8_t>(length);
  tag.name_key = folded(name, length);
  tag.name = tag_name(tag.name_key, length > 8 ? folded(name + 8, length - 8) : 0);
  if (tag.name.id == TagId::unknown) {  // the folded name may be that of another one
    tag.name_key = lowered(name, length);
    tag.name = tag_name(tag.name_key, length > 8 ? lowered(name + 8, length - 8) : 0);
  }
  tag.listed_count = 0;
  tag.self_closing = false;
  const char* const behind = name + length;
  tag.has_attributes = *behind != '>';
  if (tag.has_attributes) return scan_attributes(strip, behind, tag);
  tag.end = behind + 1;
  return true;
}

}  // namespace personalize::html
