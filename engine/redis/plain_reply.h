// hiredis' replies as plain values.
#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <functional>

#include "plugins/plugin.h"

namespace personalize::engine::redis {

/// What is larger becomes an error.
struct ReplyLimits {
  std::size_t bytes;     ///< of text in all
  std::size_t elements;  ///< of one array
  unsigned depth;        ///< of arrays
};
inline constexpr ReplyLimits limits_of_a_profile = {256 * 1024, 16 * 1024, 4};
inline constexpr ReplyLimits limits_of_a_cluster = {8 * 1024 * 1024, 16 * 1024, 4};

/// Calls `use` with what `reply` (null: none came) says; valid during the call.
void with_plain_reply(const redisReply* reply, const ReplyLimits& limits,
                      const std::function<void(const plugins::Reply&)>& use);

}  // namespace personalize::engine::redis
