// Lists in which clients say what they like, and how much: Accept, Accept-Encoding (RFC 9110, 12.4.2).
#pragma once

#include <optional>
#include <string_view>

namespace personalize::module {

inline constexpr int max_weight = 1000;

/// "text/plain;version=0.0.4;q=0.5"
struct WeightedElement {
  std::string_view name;        ///< "text/plain"
  std::string_view parameters;  ///< "version=0.0.4": what stands in front of the quality
  std::optional<int> quality;   ///< in thousandths; nothing: it makes no sense
};

/// Takes the first element off `list`, a header's value. Commas and semicolons in quoted strings separate nothing.
WeightedElement take_element(std::string_view& list);

/// Takes the first of an element's parameters off `parameters`, as name and value.
std::pair<std::string_view, std::string_view> take_parameter(std::string_view& parameters);

/// Takes what stands in front of the first `separator`, without the white space around it, and the separator off
/// `text`. In quoted strings it separates nothing.
std::string_view take_part(std::string_view& text, char separator);

/// Equal but for the case of ASCII letters.
bool same(std::string_view a, std::string_view b);

}  // namespace personalize::module
