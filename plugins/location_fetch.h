// What plugins may ask of a location of the host.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rules/value.h"

namespace personalize::plugins {

/// Of a query: name=value. Both may be any text: they are percent-encoded.
struct Parameter {
  std::string_view name;
  std::string_view value;
};

inline constexpr std::size_t max_location_size = 256;
inline constexpr std::size_t max_location_query_bytes = 4096;
inline constexpr std::chrono::milliseconds max_location_timeout{60'000};

/// A path without anything that would be read in another way than it is written: segments of A-Z a-z 0-9 . _ ~ - that
/// are neither empty (but the last one) nor . nor ..
inline bool valid_location(std::string_view path) {
  if (path.empty() || path[0] != '/' || path.size() > max_location_size) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (segment == "." || segment == ".." || (segment.empty() && !path.empty())) return false;
    for (char c : segment) {
      const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!plain && c != '.' && c != '_' && c != '~' && c != '-') return false;
    }
  }
  return true;
}

/// name=value&name=value in the arena. Throws std::invalid_argument if it is too long.
inline std::string_view encode_query(std::span<const Parameter> parameters, rules::Arena& arena) {
  constexpr std::string_view digits = "0123456789ABCDEF", plain = "-._~";
  std::string text;
  const auto encode = [&](std::string_view part) {
    for (char c : part) {
      const auto byte = static_cast<unsigned char>(c);
      const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (letter || plain.find(c) != plain.npos)
        text += c;
      else
        ((text += '%') += digits[byte >> 4]) += digits[byte & 15];
    }
  };
  for (const Parameter& parameter : parameters) {
    if (!text.empty()) text += '&';
    encode(parameter.name);
    text += '=';
    encode(parameter.value);
    if (text.size() > max_location_query_bytes) throw std::invalid_argument("the query of a location is too long");
  }
  return rules::copy(arena, text);
}

/// Throws std::invalid_argument.
inline void check_location(std::string_view path, std::chrono::milliseconds timeout) {
  if (!valid_location(path))
    throw std::invalid_argument("\"" + std::string(path.substr(0, 64)) +
                                "\" cannot be asked: a location is written as /recommendations/v1, without a query");
  if (timeout.count() < 1 || timeout > max_location_timeout)
    throw std::invalid_argument("a location's timeout is 1 ms to 60 s");
}

}  // namespace personalize::plugins
