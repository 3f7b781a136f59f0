// Parts of pages, compressed once for each coding and kept in the zone beside the pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "module/coding/coding.h"
#include "module/splicing/page_chain.h"
#include "module/splicing/page_file.h"
#include "module/splicing/plan_zone.h"

namespace personalize::module {

/// About the text of a compressed part.
struct PackedSum {
  std::uint64_t size = 0;
  std::uint64_t shift = 0;  ///< for gzip: zlib's crc32_combine_gen, which shifts the checksum of what precedes it
  std::uint32_t crc = 0;    ///< for gzip
  std::uint32_t zero = 0;

  /// The checksum of what precedes it, which is `before`, and of this text.
  std::uint32_t append_to(std::uint32_t before) const;
};

/// A compressed text; no bytes if it cannot be compressed.
struct PackedText {
  PackedSum sum;
  std::string bytes;  ///< a piece as deflate.h or brotli.h has it
};
PackedText pack(Coding coding, std::string_view text);

/// A part that is compressed.
struct PackedPart {
  PinnedPlan entry;  ///< keeps `bytes` in memory; none if something else does
  std::string_view bytes;
  PackedSum sum;
};

/// The compressed form of `part`, a slice of the page with the key `page` or, if it has no bytes, of `file`. If there
/// is none yet, a thread compresses it for later requests.
std::optional<PackedPart> packed_part(Coding coding, const PlanKey& page, const PagePiece& part, const PageFile& file);

/// In a worker that ends.
void stop_packing();

}  // namespace personalize::module
