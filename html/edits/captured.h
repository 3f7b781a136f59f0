// The output while an element's children are being sorted: pieces whose order can still be changed.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace personalize::html {

class Captured {
 public:
  /// A place in it: the number of pieces before it.
  using Mark = std::size_t;
  /// What is between two marks, and bytes to be written after it.
  struct Part {
    Mark begin, end;
    std::string_view behind = {};
  };

  // If one of these throws, nothing has changed.
  void slice(std::size_t at, std::size_t size);  ///< see `SpliceSink`
  void insert(std::string_view bytes);           ///< see `Sink` …
  void copy(std::string_view bytes);

  /// The place after everything captured so far.
  Mark mark() { return joins_from_ = pieces_.size(); }
  /// Replaces everything after `begin` by `parts`. Throws as above.
  void rearrange(Mark begin, std::span<const Part> parts);

  /// Takes back what is between two marks; other marks stay valid.
  void erase(Mark begin, Mark end) noexcept {
    assert(end <= pieces_.size());
    for (Mark i = begin; i < end && i < pieces_.size(); ++i) pieces_[i].size = 0;
    joins_from_ = pieces_.size();
  }

  /// In bytes, without inserted content: whether a page can be sorted must not depend on the length of one visitor's
  /// content.
  std::size_t size() const { return size_; }
  /// Calls `to`'s functions of the same names.
  template <class To>
  void hand_to(To& to) const;
  void clear() { *this = {}; }
  std::size_t memory() const { return text_.capacity() + pieces_.capacity() * sizeof(Piece); }

 private:
  enum class Kind : std::uint8_t { slice, insert, copy };
  struct Piece {
    Kind kind;
    const char* data;  // of what was inserted
    std::size_t at;    // of a slice; in `text_`
    std::size_t size;
  };

  /// Slices and copies that follow one another are one piece.
  void add(Kind kind, std::size_t at, std::size_t size);

  std::string text_;  // what was copied
  std::vector<Piece> pieces_;
  Mark joins_from_ = 0;  // pieces before it stay as they are
  std::size_t size_ = 0;
};

template <class To>
void Captured::hand_to(To& to) const {
  for (std::size_t i = 0; i < pieces_.size();) {
    Piece piece = pieces_[i++];
    while (i < pieces_.size() && piece.kind == Kind::copy && pieces_[i].kind == Kind::copy &&
           pieces_[i].at == piece.at + piece.size)
      piece.size += pieces_[i++].size;
    if (piece.size == 0) continue;
    if (piece.kind == Kind::insert) to.insert(std::string_view(piece.data, piece.size));
    if (piece.kind == Kind::copy) to.copy(std::string_view(text_).substr(piece.at, piece.size));
    if constexpr (requires { to.slice(piece.at, piece.size); }) {
      if (piece.kind == Kind::slice) to.slice(piece.at, piece.size);
    }
  }
}

}  // namespace personalize::html
