// Decoding of a page's bytes to text: character references, line ends, NUL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace personalize::html {

enum class ReferencePlace : bool { text, attribute };

/// `text` begins with `&`. Appends what the reference at its beginning stands for and returns how many bytes it has,
/// or returns 0 and appends nothing if there is none (§13.2.5.72).
std::size_t decode_reference(std::string_view text, ReferencePlace place, std::string& out);

/// The value of an attribute from its raw bytes: references, line ends, NUL. `raw` itself where nothing is to be
/// decoded, else a view of `scratch`.
std::string_view decode_attribute(std::string_view raw, std::string& scratch);

enum class NulByte : bool { keep, replace };

/// Appends raw page text: line ends made LF, NUL as told, references only if wanted.
void decode_text(std::string_view raw, bool references, NulByte nul, std::string& out);

/// Appends `code_point` as UTF-8.
void append_utf8(char32_t code_point, std::string& out);

}  // namespace personalize::html
