// Memory for the arrays in one reply.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>

#include "plugins/plugin.h"

namespace personalize::nginx::redis {

/// A profile's fields fit without an allocation.
class ReplyArrays {
 public:
  /// Lives as long as this.
  std::span<plugins::Reply> make(std::size_t size) {
    auto* first =
        static_cast<plugins::Reply*>(memory_.allocate(size * sizeof(plugins::Reply), alignof(plugins::Reply)));
    std::uninitialized_value_construct_n(first, size);
    return {first, size};
  }

 private:
  std::array<std::byte, 32 * sizeof(plugins::Reply)> buffer_;
  std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
};

}  // namespace personalize::nginx::redis
