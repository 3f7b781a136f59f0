// Numbers that rise and fall in one worker and that the others can see.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "module/status/numbers.h"

namespace personalize::module {

/// In shared memory; all zero has no owner. One word holds owner and value: a worker that is shutting down cannot
/// overwrite its successor's, and what a killed worker left behind does not count.
class Gauge {
 public:
  using Owner = std::uint32_t;  ///< a process's id

  /// From now on it belongs to `owner`.
  void begin(Owner owner) { word_.store(word(owner, 0), std::memory_order_relaxed); }

  /// Sets it, unless it belongs to another worker that is alive.
  template <class Serves>
  void set(Owner owner, std::uint32_t value, Serves serves) {
    std::uint64_t seen = word_.load(std::memory_order_relaxed);
    while ((owner_of(seen) == owner || !serves(owner_of(seen))) &&
           !word_.compare_exchange_weak(seen, word(owner, value), std::memory_order_relaxed)) {
    }
  }

  /// Its value, or 0 if `serves(owner)` is false for its owner.
  template <class Serves>
  std::uint32_t value(Serves serves) const {
    const std::uint64_t seen = word_.load(std::memory_order_relaxed);
    return value_of(seen) != 0 && serves(owner_of(seen)) ? value_of(seen) : 0;
  }

 private:
  static std::uint64_t word(Owner owner, std::uint32_t value) { return std::uint64_t{owner} << 32 | value; }
  static Owner owner_of(std::uint64_t word) { return static_cast<Owner>(word >> 32); }
  static std::uint32_t value_of(std::uint64_t word) { return static_cast<std::uint32_t>(word); }

  std::atomic<std::uint64_t> word_;
};

/// What a worker has at the moment.
#define PERSONALIZE_NAME(name, metric, help) name,
enum class GaugeName : std::uint8_t {
  PERSONALIZE_NUMBERS(PERSONALIZE_NO_NUMBER, PERSONALIZE_NO_NUMBER, PERSONALIZE_NAME) count
};
#undef PERSONALIZE_NAME
using Gauges = std::array<Gauge, static_cast<std::size_t>(GaugeName::count)>;

}  // namespace personalize::module
