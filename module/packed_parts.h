// Parts of pages, compressed once: kept in the zone beside the pages themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "module/plan_zone.h"

namespace personalize::nginx {

/// A part that is compressed, and pinned.
struct PackedPart {
  PinnedPlan entry;
  std::string_view bytes;  ///< raw deflate blocks
  std::uint32_t crc;       ///< of what they stand for
  std::uint64_t shift;     ///< see zlib's crc32_combine_gen
  std::uint64_t size;      ///< of what they stand for

  /// The checksum of what is in front of it and of it.
  std::uint32_t append_to(std::uint32_t before) const;
};

/// `part` is one of the page that is kept under `page`. If it is not there, it is compressed beside the worker, for
/// whoever comes next.
std::optional<PackedPart> packed_part(const PlanKey& page, std::string_view body, std::string_view part);

/// In a worker that ends.
void stop_packing();

}  // namespace personalize::nginx
