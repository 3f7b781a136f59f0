// A compressed body, assembled from parts that were compressed before and short texts between them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "module/coding/coding.h"
#include "module/splicing/packed_parts.h"

namespace personalize::module {

class PackedBody {
 public:
  /// Bytes of a part, or [begin, begin + size) of `own`.
  struct Piece {
    std::string_view part;
    std::size_t begin = 0, size = 0;
  };

  /// `coding` is not identity.
  explicit PackedBody(Coding coding);
  /// The part must have the same coding.
  void add(const PackedPart& part);
  void add(std::string_view text);
  void finish();

  /// Header, texts as they were compressed, trailer.
  const std::string& own() const { return own_; }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  void end_text();
  void end_own();

  Coding coding_;
  std::string own_;
  std::size_t own_begin_ = 0;  // start of what is not in a piece yet
  std::string text_;           // not compressed yet
  std::vector<Piece> pieces_;
  std::uint32_t crc_ = 0;   // for gzip …
  std::uint64_t size_ = 0;  // … as well
};

}  // namespace personalize::module
