// Memory for the arrays in replies.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "plugins/plugin.h"

namespace personalize::engine::redis {

inline std::span<plugins::Reply> make_replies(std::size_t size, rules::Arena& arena) {
  auto* first = static_cast<plugins::Reply*>(arena.allocate(size * sizeof(plugins::Reply), alignof(plugins::Reply)));
  std::uninitialized_value_construct_n(first, size);
  return {first, size};
}

}  // namespace personalize::engine::redis
