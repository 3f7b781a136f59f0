// Until when something may take.
#pragma once

#include <chrono>
#include <cstddef>

namespace personalize::engine::redis::client {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// For the first of so many attempts, so that time is left for the others; `attempts` is not 0.
inline Deadline share(Deadline deadline, std::size_t attempts) {
  const Clock::time_point now = Clock::now();
  return now + (deadline - now) / static_cast<Clock::rep>(attempts);
}

}  // namespace personalize::engine::redis::client
