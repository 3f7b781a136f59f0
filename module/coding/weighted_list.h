// Lists of what clients accept, with qualities: Accept, Accept-Encoding (RFC 9110, 12.4.2).
#pragma once

#include <optional>
#include <string_view>

namespace personalize::module {

inline constexpr int max_weight = 1000;

/// "text/plain;version=0.0.4;q=0.5"
struct WeightedElement {
  std::string_view name;        ///< "text/plain"
  std::string_view parameters;  ///< "version=0.0.4": what precedes the quality
  std::optional<int> quality;   ///< in thousandths; nothing: it is malformed
};

/// Takes the first element off `list`, a header's value. Commas and semicolons in quoted strings are not separators.
WeightedElement take_element(std::string_view& list);

/// Takes the first of an element's parameters off `parameters`, as name and value.
std::pair<std::string_view, std::string_view> take_parameter(std::string_view& parameters);

/// Takes everything before the first `separator` off `text`, and the separator with it; returns it without the white
/// space around it. Separators in quoted strings do not count.
std::string_view take_part(std::string_view& text, char separator);

/// Equal except for the case of ASCII letters.
bool same(std::string_view a, std::string_view b);

}  // namespace personalize::module
