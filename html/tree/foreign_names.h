// Names that an HTML parser spells with capitals in SVG, regardless of the page's spelling.
#pragma once

#include <string_view>

namespace personalize::html {

/// `lineargradient` → `linearGradient`; other names are returned as they are.
std::string_view svg_tag_name(std::string_view lower_case);
/// `viewbox` → `viewBox`; other names are returned as they are.
std::string_view svg_attribute_name(std::string_view lower_case);

}  // namespace personalize::html
