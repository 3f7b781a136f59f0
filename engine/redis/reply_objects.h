// Memory for the reply that hiredis is reading.
#pragma once

#include <hiredis/hiredis.h>

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string_view>

namespace personalize::engine::redis {

/// A whole reply lies in one place, which the next one reuses: hiredis itself allocates twice for every text and every
/// element. What a server announces is hostile, hence the limit.
class ReplyObjects {
 public:
  static constexpr std::size_t max_elements = 256 * 1024;  ///< elements of one reply in all

  ReplyObjects() = default;
  ReplyObjects(const ReplyObjects&) = delete;
  ReplyObjects& operator=(const ReplyObjects&) = delete;

  /// From now on `reader` builds its replies here. This must outlive the reader's last use.
  void make_for(redisReader& reader);
  /// The reply, whole or not, is needed no more.
  void clear();
  /// A reply was given up because it had more than `max_elements` elements.
  bool too_many() const { return elements_ > max_elements; }

 private:
  static redisReplyObjectFunctions functions();
  template <class Fill>
  static void* add(const redisReadTask* task, Fill fill);

  void* allocate(std::size_t size) { return memory_.allocate(size); }

  std::array<std::byte, 2048> buffer_;  // enough for a profile
  std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
  std::size_t elements_ = 0;  // that arrays announced
};

}  // namespace personalize::engine::redis
