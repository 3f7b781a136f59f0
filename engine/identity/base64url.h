// Bytes as text that cookies, keys and file names can hold (RFC 4648, 5), without padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace personalize::engine::identity {

inline constexpr std::string_view base64url_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::size_t base64url_size(std::size_t bytes) { return (bytes * 8 + 5) / 6; }

/// Writes `base64url_size(bytes.size())` characters; returns their end.
constexpr char* write_base64url(std::span<const unsigned char> bytes, char* out) {
  std::uint32_t bits = 0;
  unsigned count = 0;  // of bits that are not written yet
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; *out++ = base64url_digits[bits >> count & 63]) count -= 6;
  }
  if (count != 0) *out++ = base64url_digits[bits << (6 - count) & 63];
  return out;
}

constexpr bool is_base64url(std::string_view text) {
  return text.find_first_not_of(base64url_digits) == std::string_view::npos;
}

}  // namespace personalize::engine::identity
