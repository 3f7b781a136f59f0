// What a selector would match in the parts of a page that are no elements of it: in noscript, in templates, in
// declarative shadow roots.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace personalize::rules {

/// Where that would be, and why it is not matched ("it would match in line 12, …"). Nothing if it would match nothing.
std::optional<std::string> hidden_match(std::string_view selector, std::string_view page);

}  // namespace personalize::rules
