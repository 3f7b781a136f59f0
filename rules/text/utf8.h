// UTF-8, by ICU.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace personalize::rules::text {

/// Offset of the first byte that is not part of well-formed UTF-8 (RFC 3629), or npos.
std::size_t first_invalid_utf8(std::string_view text);

inline bool is_valid_utf8(std::string_view text) { return first_invalid_utf8(text) == std::string_view::npos; }

/// False for surrogates, and for numbers beyond Unicode.
bool is_unicode_scalar(char32_t code_point);

/// Appends a Unicode scalar value.
void append_utf8(std::string& out, char32_t code_point);

/// Whether a byte is one of a code point's after its first.
constexpr bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Number of code points in well-formed UTF-8.
std::size_t code_points(std::string_view text);

/// Offset of the first control character but tab, line feed and carriage return, or npos.
std::size_t first_control(std::string_view text);

}  // namespace personalize::rules::text
