// The pseudo-classes of CSS by their names (in lower case, without the colon), and what selectors make of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "html/selectors/ast.h"

namespace personalize::html {

/// One without an argument. `:only-child` and `:only-of-type` have only half of their conditions here.
struct SimplePseudo {
  std::string_view name;
  PseudoClass kind;
  std::int32_t step, offset;  ///< of positions
};

/// Null if there is none of that name.
const SimplePseudo* find_simple_pseudo(std::string_view name);

/// One with an argument: `:not(…)`, `:nth-child(…)`, …
std::optional<PseudoClass> find_functional_pseudo(std::string_view name);

/// The selector that `:checked`, `:link`, … stand for in HTML; empty for other names.
std::string_view abbreviated_selector(std::string_view name);

/// A pseudo-element that may be written with one colon, like a pseudo-class.
bool is_pseudo_element(std::string_view name);

/// A pseudo-class of CSS that depends on the state of the page in the browser: `:hover`, `:focus`, …
bool is_browser_state(std::string_view name);

}  // namespace personalize::html
