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

/// The text that a compressed part stands for.
struct PackedSum {
  std::uint64_t size = 0;
  std::uint64_t shift = 0;  ///< of gzip: by which a checksum in front of it is moved, zlib's crc32_combine_gen
  std::uint32_t crc = 0;    ///< of gzip
  std::uint32_t zero = 0;

  /// The checksum of what is in front of it and of it.
  std::uint32_t append_to(std::uint32_t before) const;
};

/// A text, compressed; no bytes if that cannot be done.
struct PackedText {
  PackedSum sum;
  std::string bytes;  ///< a piece as deflate.h or brotli.h has it
};
PackedText pack(Coding coding, std::string_view text);

/// A part that is compressed.
struct PackedPart {
  PinnedPlan entry;  ///< keeps `bytes` where they are; none if they are somebody else's
  std::string_view bytes;
  PackedSum sum;
};

/// The compressed form of `part`, a slice of the page that is kept under `page` or, if it has no bytes, of `file`. If
/// there is none yet, a thread compresses it for later requests.
std::optional<PackedPart> packed_part(Coding coding, const PlanKey& page, const PagePiece& part, const PageFile& file);

/// In a worker that ends.
void stop_packing();

}  // namespace personalize::module
