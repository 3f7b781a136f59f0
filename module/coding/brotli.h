// Pieces of a Brotli body that can stand behind one another in any order.
//
// Each consists of whole metablocks that end on a byte, looks back at nothing in front of it, and uses no word of the
// format's dictionary: such a word is named by a distance that depends on how much of the body came before it, and that
// is another number for each visitor. RFC 7932 has the format; libbrotli's BROTLI_PARAM_STREAM_OFFSET does all but the
// dictionary.
#pragma once

#include <string>
#include <string_view>

namespace personalize::module {

/// Compressed about as well as Brotli's quality 9 can. Empty if that cannot be done: the text is too large, there is no
/// memory, or libbrotli is not as we know it, which each result is tested for.
std::string brotli_best(std::string_view text);
/// Appends it, quickly compressed or, if it is short, as it is.
void append_brotli(std::string& bytes, std::string_view text);

/// In front of the first piece, and behind the last one.
std::string_view brotli_header();
std::string_view brotli_trailer();

}  // namespace personalize::module
