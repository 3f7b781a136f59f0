// Hashes of short words: ids, class names, names of attributes. They do not resist adversaries: what they find must be
// compared.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace personalize::html {

namespace word_hash_detail {

inline std::uint64_t load8(const char* at) {
  std::uint64_t value;
  std::memcpy(&value, at, 8);
  return value;
}

inline std::uint32_t load4(const char* at) {
  std::uint32_t value;
  std::memcpy(&value, at, 4);
  return value;
}

/// Length, first and last eight bytes of `word`; every byte is first combined with `bits`.
inline std::uint64_t hash(std::string_view word, std::uint64_t bits) {
  constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;
  const std::size_t size = word.size();
  const char* at = word.data();
  std::uint64_t first = 0, last = 0;
  if (size >= 8) {
    first = load8(at);
    last = load8(at + size - 8);
  } else if (size >= 4) {
    first = load4(at);
    last = load4(at + size - 4);
  } else if (size > 0) {
    first = static_cast<std::uint8_t>(at[0]) | std::uint64_t{static_cast<std::uint8_t>(at[size / 2])} << 8;
    last = static_cast<std::uint8_t>(at[size - 1]);
  }
  const std::uint64_t mixed = (first | bits) * multiplier ^ ((last | bits) + size) * 0xD6E8FEB86659FD93u;
  return (mixed ^ (mixed >> 32)) * multiplier;
}

}  // namespace word_hash_detail

/// Of a word whose case matters. The upper bits are the best ones.
inline std::uint64_t word_hash(std::string_view word) { return word_hash_detail::hash(word, 0); }

/// Of a name whose ASCII case does not matter.
inline std::uint64_t name_hash(std::string_view name) { return word_hash_detail::hash(name, 0x2020202020202020u); }

}  // namespace personalize::html
