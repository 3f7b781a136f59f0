// Characters of UTF-8 text. Text that is not well-formed is taken byte-wise: a stray continuation byte
// belongs to the character before it.
#pragma once

#include <cstddef>
#include <string_view>

namespace personalize::rules::cel {

inline bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Number of characters.
inline std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += !is_continuation(c);
  return count;
}

/// Byte offset of the character after that at `offset`.
inline std::size_t next_character(std::string_view text, std::size_t offset) {
  if (offset < text.size()) ++offset;
  while (offset < text.size() && is_continuation(text[offset])) ++offset;
  return offset;
}

/// Byte offset of a character by its number; `npos` if there are fewer (the end counts as one).
inline std::size_t character_offset(std::string_view text, std::size_t number) {
  std::size_t offset = 0;
  for (; number > 0; --number) {
    if (offset >= text.size()) return std::string_view::npos;
    offset = next_character(text, offset);
  }
  return offset;
}

}  // namespace personalize::rules::cel
