// A page written as a tree, to ask which of its elements a selector matches.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "html/selectors/matcher.h"
#include "html/selectors/selectors.h"

namespace personalize::html::testing {

/// Walks over a page of well-formed tags (`<p a="b">`, `</p>`, `<br/>` for elements without content, text) as the
/// rewriter does, and returns the values of attribute `n` of the elements that `selector` matches, joined by blanks;
/// "error: …" if it is refused. Only opens tags that pass the prefilter.
std::string matched(std::string_view selector, std::string_view page);

/// Number of elements of `page` that pass the prefilter of the selectors in `list` (the others cost nothing more).
std::size_t opened(const std::vector<std::string>& list, std::string_view page);

/// Most matches undecided at one time.
std::size_t max_waiting(std::string_view selector, std::string_view page);

}  // namespace personalize::html::testing
