// Numbers that rise and fall in one worker, and that the others see.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "module/status/numbers.h"

namespace personalize::module {

/// In shared memory; all zero is nobody's. One word says whose it is and how high it stands: a worker that is shutting
/// down cannot write over its successor, and what a killed worker left is known to be nobody's.
class Gauge {
 public:
  using Owner = std::uint32_t;  ///< a process's id

  /// It is that worker's from now on, whosever it was.
  void begin(Owner owner) { word_.store(word(owner, 0), std::memory_order_relaxed); }

  /// Sets it for that worker, unless it is another's that is alive.
  template <class Serves>
  void set(Owner owner, std::uint32_t value, Serves serves) {
    std::uint64_t seen = word_.load(std::memory_order_relaxed);
    while ((owner_of(seen) == owner || !serves(owner_of(seen))) &&
           !word_.compare_exchange_weak(seen, word(owner, value), std::memory_order_relaxed)) {
    }
  }

  /// How high it stands for a worker of whom `serves(owner)` is true.
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

/// What one worker has just now.
#define PERSONALIZE_NAME(name, metric, help) name,
enum class GaugeName : std::uint8_t {
  PERSONALIZE_NUMBERS(PERSONALIZE_NO_NUMBER, PERSONALIZE_NO_NUMBER, PERSONALIZE_NAME) count
};
#undef PERSONALIZE_NAME
using Gauges = std::array<Gauge, static_cast<std::size_t>(GaugeName::count)>;

}  // namespace personalize::module
