// How long to wait before a server that failed is tried again.
#pragma once

#include <algorithm>
#include <cstdint>

namespace personalize::engine::redis {

inline constexpr std::uint64_t min_reconnect_pause = 50;  ///< milliseconds
inline constexpr std::uint64_t max_reconnect_pause = 5000;

/// Milliseconds, after so many failures in a row before this one: doubled each time, with jitter by a random number.
constexpr std::uint64_t reconnect_pause(unsigned failures, std::uint64_t random) {
  const std::uint64_t pause = std::min(max_reconnect_pause, min_reconnect_pause << std::min(failures, 10u));
  return pause / 2 + random % pause;
}

}  // namespace personalize::engine::redis
