// Selector text to `SelectorList` (Selectors level 4, CSS Syntax level 3).
#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "html/selectors/ast.h"
#include "html/selectors/selectors.h"

namespace personalize::html {

/// Parses a list of complex selectors. What a stream (or a server) cannot decide is an error that says so:
/// pseudo-elements, states that only exist in a browser, namespace prefixes.
tl::expected<SelectorList, SelectorError> parse_selectors(std::string_view text);

}  // namespace personalize::html
