#include "html/reorder.h"

#include <algorithm>

namespace personalize::html {
namespace {

void append(std::vector<HeldPiece>& pieces, HeldPiece piece) {
  if (piece.begin == piece.end) return;
  if (!pieces.empty() && pieces.back().end == piece.begin) pieces.back().end = piece.end;
  else pieces.push_back(piece);
}

}  // namespace

std::vector<HeldPiece> reordered(std::size_t begin, std::size_t end, std::span<const HeldChild> children) {
  std::vector<HeldChild> order(children.begin(), children.end());
  std::stable_sort(order.begin(), order.end(), [](const HeldChild& a, const HeldChild& b) {
    return a.has_key != b.has_key ? a.has_key : a.has_key && a.key < b.key;
  });
  std::vector<HeldPiece> pieces;
  for (std::size_t i = 0; i < children.size(); ++i) {
    append(pieces, {begin, children[i].begin});
    append(pieces, {order[i].begin, order[i].end});
    begin = children[i].end;
  }
  append(pieces, {begin, end});
  return pieces;
}

}  // namespace personalize::html
