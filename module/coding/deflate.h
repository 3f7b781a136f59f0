// Pieces of a gzip body that can follow one another in any order: raw deflate blocks that end on a byte boundary and
// refer to nothing before them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace personalize::module {

/// Compressed as well as zlib can; empty if there is no memory.
std::string deflate_best(std::string_view text);
/// Appends it, compressed quickly or, if it is short, stored.
void append_deflated(std::string& bytes, std::string_view text);

/// What goes before the first piece and after the last one.
std::string_view gzip_header();
std::string gzip_trailer(std::uint32_t crc, std::uint64_t size);

}  // namespace personalize::module
