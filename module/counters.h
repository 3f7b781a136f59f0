// What this worker counted since it started.
#pragma once

#include <cstdint>

namespace personalize::nginx {

struct Counters {
  std::uint64_t requests = 0;         ///< pages that were looked at
  std::uint64_t personalized = 0;     ///< of these, pages that got at least one edit
  std::uint64_t skipped = 0;          ///< of these, pages that nothing was done to, whatever the reason
  std::uint64_t deadline_missed = 0;  ///< pages decided without a reply that was asked for
  std::uint64_t exceptions = 0;
  std::uint64_t plugin_failures = 0;
  std::uint64_t redis_queries = 0;
  std::uint64_t redis_errors = 0;       ///< replies that were errors
  std::uint64_t redis_disconnects = 0;  ///< connections that failed or were given up
  std::uint64_t redis_refused = 0;      ///< pages that did not ask because no connection was healthy
};

inline Counters& counters() {
  static Counters instance;
  return instance;
}

}  // namespace personalize::nginx
