// Where the characters of a YAML scalar's value stood in the file.
#pragma once

#include <cstddef>
#include <string_view>

namespace personalize::rules::yaml {

/// Offset in `file` of byte `position` of the value of the scalar that begins (with its properties, if any) at
/// `offset`. Folding, escapes and indentation are undone as in YAML 1.2, chapters 7 and 8. If `position` is the
/// value's length, the place after its last character. Where `value` turns out not to be what the source says,
/// the scalar's own beginning.
std::size_t source_offset(std::string_view file, std::size_t offset, std::string_view value, std::size_t position);

}  // namespace personalize::rules::yaml
