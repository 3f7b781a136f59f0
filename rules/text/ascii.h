// Small questions about ASCII text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "html/tokens/ascii.h"

namespace personalize::rules::text {

using html::ascii_lower;
using html::is_ascii_digit;
using html::is_ascii_letter;

constexpr bool is_ascii_alphanumeric(char c) { return is_ascii_letter(c) || is_ascii_digit(c); }

inline std::string ascii_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return html::ascii_lower(c); });
  return result;
}

inline constexpr std::string_view hex_digits = "0123456789abcdef";
inline constexpr std::string_view upper_hex_digits = "0123456789ABCDEF";

/// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (is_ascii_digit(c)) return c - '0';
  const char letter = ascii_lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Appends the two digits of a byte.
template <class String>
void append_hex(String& out, char byte, std::string_view digits = hex_digits) {
  const auto value = static_cast<std::uint8_t>(byte);
  out += digits[value >> 4];
  out += digits[value & 15];
}

/// `text` without what it begins and ends with of these characters.
constexpr std::string_view trim(std::string_view text, std::string_view characters = " \t") {
  const std::size_t first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return text.substr(0, 0);
  return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

}  // namespace personalize::rules::text
