#include "tests/unit/html/guarded_buffer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER
#endif
#if defined(HAS_SANITIZER) && defined(NDEBUG)
#error "assertions must be on where sanitizers are"
#endif

namespace personalize::html::testing {

GuardedBuffer::GuardedBuffer(std::size_t capacity) {
  page_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  size_ = (capacity + page_ - 1) / page_ * page_ + page_;
  void* const map = mmap(nullptr, size_ + 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) std::abort();
  map_ = static_cast<char*>(map);
  if (mprotect(map_, page_, PROT_NONE) != 0 || mprotect(map_ + page_ + size_, page_, PROT_NONE) != 0) std::abort();
}

GuardedBuffer::~GuardedBuffer() { munmap(map_, size_ + 2 * page_); }

std::string_view GuardedBuffer::at_end(std::string_view text) {
  if (text.size() > size_) std::abort();
  char* const start = map_ + page_ + size_ - text.size();
  if (!text.empty()) std::memcpy(start, text.data(), text.size());
  return {start, text.size()};
}

std::string_view GuardedBuffer::at_start(std::string_view text) {
  if (text.size() > size_) std::abort();
  if (!text.empty()) std::memcpy(map_ + page_, text.data(), text.size());
  return {map_ + page_, text.size()};
}

}  // namespace personalize::html::testing
