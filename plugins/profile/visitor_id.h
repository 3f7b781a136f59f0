// What the id of a visitor may be: it becomes part of the keys of profiles.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace personalize::plugins {

inline constexpr std::size_t max_visitor_id = 128;

/// By byte: whether an id may contain it.
inline constexpr std::array<bool, 256> visitor_id_characters = [] {
  std::array<bool, 256> allowed{};
  for (int c = 'a'; c <= 'z'; ++c) allowed[c] = allowed[c - 'a' + 'A'] = true;
  for (int c = '0'; c <= '9'; ++c) allowed[c] = true;
  for (char c : {'.', '_', '-'}) allowed[c] = true;
  return allowed;
}();

/// True if `id` may become part of a key: 1 to 128 of A-Z a-z 0-9 . _ - and nothing else.
inline bool valid_visitor_id(std::string_view id) {
  return !id.empty() && id.size() <= max_visitor_id &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return visitor_id_characters[c]; });
}

}  // namespace personalize::plugins
