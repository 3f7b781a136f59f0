// Pieces of a gzip body that can stand behind one another in any order: raw deflate blocks that end on a byte and look
// back at nothing in front of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace personalize::module {

/// Compressed as well as zlib can; empty without memory.
std::string deflate_best(std::string_view text);
/// Appends it, quickly compressed or, if it is short, as it is.
void append_deflated(std::string& bytes, std::string_view text);

/// In front of the first piece, and behind the last one.
std::string_view gzip_header();
std::string gzip_trailer(std::uint32_t crc, std::uint64_t size);

}  // namespace personalize::module
