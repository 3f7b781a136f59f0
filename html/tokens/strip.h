// A strip of the page, and masks of the bytes in it that matter for finding tags: one bit per byte.
//
// All bytes of a strip are classified at once, with the CPU's best instructions (scan.h). Reading tags then needs only
// a few operations on bits, the same on every CPU. The idea is simdjson's (Langdale and Lemire, "Parsing Gigabytes of
// JSON per Second").
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "html/tokens/scan.h"

namespace personalize::html {

class Strip {
 public:
  static_assert(std::endian::native == std::endian::little, "masks are read at any byte");
  /// Classifies the bytes from `begin` on: as many as there is room for, none after `end`.
  void read(const Scanner& scanner, const char* begin, const char* end) {
    const auto left = static_cast<std::size_t>(end - begin);
    begin_ = begin;
    end_ = begin + (left < ByteKinds::max_size ? left : ByteKinds::max_size);
    scanner.classify(begin_, end_, kinds_);
    words_ = (left < ByteKinds::max_size ? left + 63 : ByteKinds::max_size) / 64;
    word_ = 0;
    less_ = kinds_.less[0];
  }

  const ByteKinds& kinds() const { return kinds_; }
  const char* end() const { return end_; }
  bool covers(const char* p) const { return begin_ <= p && p < end_; }
  bool half_used(const char* p) const { return static_cast<std::size_t>(p - begin_) >= ByteKinds::max_size / 2; }

  /// 64 bytes of the strip that have `p` among their first eight.
  class View {
   public:
    View(const Strip& strip, const char* p)
        : byte_(static_cast<std::size_t>(p - strip.begin_) / 8), base_(strip.begin_ + 8 * byte_) {}
    const char* base() const { return base_; }
    /// The bits of `mask`, that of `base()` lowest.
    std::uint64_t bits(const ByteKinds::Mask& mask) const {
      std::uint64_t bits;
      std::memcpy(&bits, reinterpret_cast<const char*>(mask) + byte_, sizeof bits);
      return bits;
    }

   private:
    std::size_t byte_;
    const char* base_;
  };

  /// The bits of `mask` from `p` on, the first one lowest; zeros after the end. `p` may be the end.
  std::uint64_t bits(const ByteKinds::Mask& mask, const char* p) const {
    const View view(*this, p);
    return view.bits(mask) >> (p - view.base());
  }

  /// The next `<` at or after `p`, or the end; asked for `p` in their order, once for each. Where it is does not
  /// depend on `p` as long as no `<` is skipped, so that the CPU can be at the next tag before it knows where this one
  /// ends.
  const char* next_less(const char* p) {
    for (;;) {
      while (less_ == 0) {
        if (word_ + 1 >= words_) return end_;
        less_ = kinds_.less[++word_];
      }
      const char* const found = begin_ + 64 * word_ + static_cast<unsigned>(std::countr_zero(less_));
      less_ &= less_ - 1;
      if (found >= p) return found;
    }
  }

  /// First byte of a kind at or after `p`, or the end.
  const char* find(const ByteKinds::Mask& mask, const char* p) const {
    const auto at = static_cast<std::size_t>(p - begin_);
    std::size_t word = at / 64;
    if (word == words_) return end_;
    std::uint64_t found = mask[word] & (~std::uint64_t{0} << (at % 64));
    while (found == 0) {
      if (++word == words_) return end_;
      found = mask[word];
    }
    return begin_ + 64 * word + static_cast<unsigned>(std::countr_zero(found));
  }

 private:
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  std::size_t words_ = 0;
  std::size_t word_ = 0;    // which has the next `<` …
  std::uint64_t less_ = 0;  // … as one of these bits
  ByteKinds kinds_;
};

}  // namespace personalize::html
