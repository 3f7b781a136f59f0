// The bits of consent strings, which are written as base64url.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace personalize::plugins {

/// -1: no such digit.
constexpr int base64url(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

inline bool is_base64url(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return base64url(c) >= 0; });
}

/// Bits of a text that `is_base64url`, the highest of its first digit being number 0.
class Base64Bits {
 public:
  explicit Base64Bits(std::string_view text) : text_(text) {}

  std::size_t size() const { return 6 * text_.size(); }
  /// Needs `bit` < size.
  bool at(std::size_t bit) const { return (base64url(text_[bit / 6]) >> (5 - bit % 6) & 1) != 0; }
  std::uint64_t number(std::size_t from, std::size_t count) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 1 | (at(from + i) ? 1 : 0);
    return value;
  }
  /// The first bit becomes the lowest.
  std::uint32_t set(std::size_t from, std::size_t count) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      if (at(from + i)) value |= 1u << i;
    return value;
  }

 private:
  std::string_view text_;
};

}  // namespace personalize::plugins
