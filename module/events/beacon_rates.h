// How many beacons each visitor and each network has sent within this minute.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace personalize::module {

/// In memory that all workers share, without a lock: what two of them count at the same moment may be counted once.
class BeaconRates {
 public:
  /// Makes empty counts in `memory`, which is aligned for any type; null if there is too little of it.
  static BeaconRates* make(std::span<std::byte> memory);

  /// One more of `whom`, a hash: false if that is more than `max` within this minute, a number that never falls. Where
  /// there is no room to count, it is true.
  bool allow(std::uint64_t whom, std::uint32_t minute, std::uint32_t max);

 private:
  struct Entry {
    std::atomic<std::uint64_t> whose;  ///< and of which minute; 0: nobody's
    std::atomic<std::uint32_t> count;
  };
  static constexpr std::size_t ways = 4;
  using Set = Entry[ways];

  Set* sets() { return reinterpret_cast<Set*>(this + 1); }

  std::uint64_t set_count_ = 0;
};

}  // namespace personalize::module
