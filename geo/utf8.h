#pragma once

#include <string_view>

namespace personalize::geo {

/// True for well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, nothing overlong).
bool valid_utf8(std::string_view text);

}  // namespace personalize::geo
