// What is written while an element is being sorted: pieces that can still be put into another order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/rewriter.h"

namespace personalize::html {

class Captured {
 public:
  /// A place in it: how many pieces are in front.
  using Mark = std::size_t;
  /// What stands between two marks, and bytes that are to be written behind it.
  struct Part {
    Mark begin, end;
    std::string_view behind = {};
  };

  /// `lasting`: what passes stays where it is until it has been handed out; else it is copied.
  explicit Captured(bool lasting) : lasting_(lasting) {}

  // As of `Sink`. What throws has done nothing.
  void pass(std::string_view bytes) { lasting_ ? refer(Kind::pass, bytes) : copy(bytes); }
  void insert(std::string_view bytes) { refer(Kind::insert, bytes); }
  void copy(std::string_view bytes);

  /// Behind all that is there.
  Mark mark() { return joins_from_ = pieces_.size(); }
  /// Puts `parts` in the place of all behind `begin`. Throws as above.
  void rearrange(Mark begin, std::span<const Part> parts);

  std::size_t size() const { return size_; }  ///< in bytes
  void hand_to(Sink& sink) const;
  void clear() { *this = Captured(lasting_); }
  std::size_t memory() const { return text_.capacity() + pieces_.capacity() * sizeof(Piece); }

 private:
  enum class Kind : std::uint8_t { pass, insert, copy };
  struct Piece {
    const char* data;   // null for what is in `text_` …
    std::size_t begin;  // … and where it is there
    std::size_t size;
    Kind kind;
  };

  void refer(Kind kind, std::string_view bytes);
  const char* data(const Piece& piece) const { return piece.data != nullptr ? piece.data : text_.data() + piece.begin; }

  bool lasting_;
  std::string text_;  // what was copied
  std::vector<Piece> pieces_;
  Mark joins_from_ = 0;  // pieces in front of it stay as they are
  std::size_t size_ = 0;
};

}  // namespace personalize::html
