// The list of active formatting elements (§13.2.4.3).
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "html/limits.h"
#include "html/tokens/tag.h"

namespace personalize::html {

/// The formatting elements that are open or wait to be reopened. An element is identified by its frame, its position
/// on the stack of open elements; the list does not use the stack itself.
class FormattingList {
 public:
  static constexpr std::size_t max_size = limits::max_formatting_elements;
  static constexpr std::uint16_t no_frame = 0xFFFF;
  static constexpr std::uint16_t not_watched = 0xFFFF;
  static constexpr std::uint32_t unknown_attributes = 0xFFFFFFFF;

  struct Entry {
    TagName name;
    std::uint32_t attributes = 0;  ///< hash, or `unknown_attributes`
    std::uint16_t frame = no_frame;
    std::uint16_t watch = not_watched;  ///< of the element, while it has no frame
    bool marker = false;
  };

  std::size_t size() const { return size_; }
  bool full() const { return size_ == max_size; }
  /// How many entries after the last marker have no frame.
  std::uint16_t closed() const { return closed_; }
  Entry& operator[](std::size_t index) { return entries_[index]; }
  const Entry& operator[](std::size_t index) const { return entries_[index]; }
  const Entry& last() const {
    assert(size_ != 0);
    return entries_[size_ - 1u];
  }
  const Entry* begin() const { return entries_.data(); }
  const Entry* end() const { return entries_.data() + size_; }
  Entry* begin() { return entries_.data(); }
  Entry* end() { return entries_.data() + size_; }

  /// It must not be full.
  void push(const Entry& entry) {
    assert(!full());
    entries_[size_++] = entry;
  }
  void push_marker() {
    push({{}, 0, no_frame, not_watched, true});
    closed_ = 0;
  }
  void pop() {
    assert(size_ != 0);
    --size_;
  }
  void clear() { size_ = closed_ = 0; }
  void insert(std::size_t index, const Entry& entry) {
    assert(!full() && index <= size_);
    std::move_backward(begin() + index, end(), end() + 1);
    ++size_;
    entries_[index] = entry;
  }
  void erase(std::size_t index) {
    assert(index < size_);
    std::move(begin() + index + 1, end(), begin() + index);
    --size_;
  }
  /// Must be called after every change except `push` of an open element.
  void count_closed() {
    closed_ = 0;
    for (std::size_t i = size_; i-- > 0 && !entries_[i].marker;) {
      if (entries_[i].frame == no_frame) ++closed_;
    }
  }

  /// The last entry of that name after the last marker, or `size()`.
  std::size_t find(TagName name) const {
    for (std::size_t i = size_; i-- > 0 && !entries_[i].marker;) {
      if (entries_[i].name == name) return i;
    }
    return size_;
  }
  /// The entry of that frame, or `size()`.
  std::size_t of_frame(std::size_t frame) const {
    for (std::size_t i = size_; i-- > 0;) {
      if (entries_[i].frame == frame) return i;
    }
    return size_;
  }
  /// How many entries are before the last marker; 0 if there is none.
  std::size_t before_marker() const {
    std::size_t count = size_;
    while (count != 0 && !entries_[--count].marker) {
    }
    return count;
  }

 private:
  std::uint16_t size_ = 0;
  std::uint16_t closed_ = 0;
  std::array<Entry, max_size> entries_;
};

}  // namespace personalize::html
