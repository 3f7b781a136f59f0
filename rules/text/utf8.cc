#include "rules/text/utf8.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cassert>

namespace personalize::rules::text {

std::size_t first_invalid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    UChar32 code_point;
    U8_NEXT(bytes, i, text.size(), code_point);
    if (code_point < 0) return start;
  }
  return std::string_view::npos;
}

bool is_unicode_scalar(char32_t code_point) {
  return code_point <= 0x10FFFF && !U_IS_SURROGATE(static_cast<UChar32>(code_point));
}

void append_utf8(std::string& out, char32_t code_point) {
  assert(is_unicode_scalar(code_point));
  std::uint8_t bytes[U8_MAX_LENGTH];
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, static_cast<std::uint32_t>(code_point));
  out.append(reinterpret_cast<const char*>(bytes), size);
}

std::size_t code_points(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_code_point));
}

std::size_t first_control(std::string_view text) {
  const auto found = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
  });
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

}  // namespace personalize::rules::text
