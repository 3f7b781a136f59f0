// Memory that cannot be read past its end: the byte after it is on a page without access.
#pragma once

#include <cstddef>
#include <string_view>

namespace personalize::html::testing {

class GuardedBuffer {
 public:
  /// For texts of up to `capacity` bytes.
  explicit GuardedBuffer(std::size_t capacity);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  /// A copy of `text` whose last byte is the last one that can be read; valid until the next call.
  std::string_view at_end(std::string_view text);
  /// A copy of `text` whose first byte is the first one that can be read.
  std::string_view at_start(std::string_view text);

 private:
  char* map_ = nullptr;
  std::size_t page_ = 0;
  std::size_t size_ = 0;  // between the two pages without access
};

}  // namespace personalize::html::testing
