// Formats that several tables of keys have, and how their rows are written.
#pragma once

#include <algorithm>
#include <array>

#include "html/edits/tag_edit.h"
#include "rules/load/file_format.h"

namespace personalize::rules::load {

constexpr Key required(Key key) {
  key.required = true;
  return key;
}

constexpr Key formatted(const Format& format, Key key) {
  key.format = &format;
  return key;
}

/// A map from names to entries of these shapes.
constexpr Key entries(Shapes shapes, Key key) {
  key.entries = shapes;
  return key;
}

/// A number within this distance of zero.
constexpr Key within(double most, Key key) {
  key.most = most;
  return key;
}

constexpr Key by_identifier(Key key) {
  key.identifiers = true;
  return key;
}

inline constexpr std::string_view true_values[] = {"true"};
inline constexpr Format only_true{.values = true_values};

inline constexpr Format name_format{.pattern = name_pattern};
inline constexpr Format not_blank{.pattern = "\\S"};
inline constexpr auto html_attribute_pattern = [] {
  constexpr std::string_view start = "^[^\\u0000-\\u0020", end = "]+$";
  std::array<char, start.size() + html::not_in_attribute_names.size() + end.size()> pattern{};
  auto next = std::ranges::copy(start, pattern.begin()).out;
  next = std::ranges::copy(html::not_in_attribute_names, next).out;
  std::ranges::copy(end, next);
  return pattern;
}();
inline constexpr Format html_attribute_format{
    .pattern = {html_attribute_pattern.data(), html_attribute_pattern.size()}};

inline constexpr std::string_view page_examples[] = {"/", "/c/*", "!/checkout/*"};
inline constexpr Format page_format{.pattern = "^!?[/*][^?#]*$", .examples = page_examples};

}  // namespace personalize::rules::load
