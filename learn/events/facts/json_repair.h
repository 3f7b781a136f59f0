// JSON as pages have it, made JSON.
//
// Shops write JSON-LD with templates: with comments, CDATA marks, commas too many, quotes and line ends that are not
// escaped, entities of HTML, several objects one after the other, cut off somewhere. Crawlers read all that, so we do.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace personalize::learn::events {

namespace limits {
/// Arrays and objects in one another; what is deeper is left out.
inline constexpr std::size_t max_json_depth = 64;
}  // namespace limits

/// What `text` was probably meant to be: strict JSON in UTF-8, an array of the values that follow one another. Linear
/// in the size of `text`.
std::string repaired_json(std::string_view text);

/// Appends `text` with the references of HTML decoded that text is usually escaped with: `&amp;` and its like, and
/// numbers.
void append_without_references(std::string& out, std::string_view text);

}  // namespace personalize::learn::events
