// Pieces of a Brotli body that can follow one another in any order.
//
// Each consists of whole metablocks that end on a byte boundary, refers to nothing before it, and uses no word of the
// format's dictionary: the distance that names such a word depends on how much of the body came before it, which
// differs from visitor to visitor. The format is in RFC 7932; libbrotli's BROTLI_PARAM_STREAM_OFFSET takes care of
// everything but the dictionary.
#pragma once

#include <string>
#include <string_view>

namespace personalize::module {

/// Compressed about as well as Brotli's quality 9 can. Empty if that is impossible: the text is too large, there is no
/// memory, or libbrotli does not behave as we know it, which is checked for each result.
std::string brotli_best(std::string_view text);
/// Appends it, compressed quickly or, if it is short, stored.
void append_brotli(std::string& bytes, std::string_view text);

/// What goes before the first piece and after the last one.
std::string_view brotli_header();
std::string_view brotli_trailer();

}  // namespace personalize::module
