// The order of an element's children, for `Operation::reorder`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace personalize::html {

/// A child element and where its bytes are, as offsets into the held bytes of its parent.
struct HeldChild {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool has_key = false;  ///< it has the attribute whose value orders it
  std::int64_t key = 0;
};

struct HeldPiece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The bytes [begin, end) with the children in order of their keys: lower ones first, those without a key last, equal
/// ones in the page's order. What stands between children (white space, comments) stays where it is. Adjacent pieces
/// are joined, so one piece means that nothing has changed. `children` do not overlap and are in the page's order.
std::vector<HeldPiece> reordered(std::size_t begin, std::size_t end, std::span<const HeldChild> children);

}  // namespace personalize::html
