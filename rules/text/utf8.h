// Checks of UTF-8 text for rule files.
#pragma once

#include <cstddef>
#include <string_view>

namespace personalize::rules::text {

/// Offset of the first byte that is not part of well-formed UTF-8 (RFC 3629), or npos.
std::size_t first_invalid_utf8(std::string_view text);

inline bool is_valid_utf8(std::string_view text) { return first_invalid_utf8(text) == std::string_view::npos; }

/// Offset of the first control character but tab, line feed and carriage return, or npos.
std::size_t first_control(std::string_view text);

/// Number of code points in well-formed UTF-8.
std::size_t code_points(std::string_view text);

}  // namespace personalize::rules::text
