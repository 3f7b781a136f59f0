// Outages that were logged: each begins once and ends once, however many workers notice it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace personalize::module {

/// In shared memory; all zero is none. Each outage belongs to the worker that logged it and will log its end; if that
/// one died, to the first worker that notices. If two servers need the same place, each worker logs for itself.
class Outages {
 public:
  using Owner = std::uint32_t;  ///< a process's id

  /// True if this outage has not been logged, so that `owner` should log it. `serves(worker)` is true for workers that
  /// are alive.
  template <class Serves>
  bool begin(std::uint64_t server, Owner owner, Serves serves) {
    const std::uint64_t mine = word(server, owner);
    std::uint64_t seen = place(server).load();
    while (true) {
      const bool taken = seen != 0 && serves(owner_of(seen));
      if (taken) return tag_of(seen) != tag_of(mine);
      const bool known = seen != 0 && tag_of(seen) == tag_of(mine);  // logged by a worker that has died
      if (place(server).compare_exchange_weak(seen, mine)) return !known;
    }
  }

  /// Ends the outage; true if it belonged to this worker, or to a dead one, so that `owner` should log it.
  template <class Serves>
  bool end(std::uint64_t server, Owner owner, Serves serves) {
    std::uint64_t seen = place(server).load();
    while (seen != 0 && tag_of(seen) == tag_of(word(server, 0))) {
      if (owner_of(seen) != owner && serves(owner_of(seen))) return false;
      if (place(server).compare_exchange_weak(seen, 0)) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t places = 1024;

  static std::uint64_t word(std::uint64_t server, Owner owner) {
    return (server >> 32 | 1) << 32 | owner;  // never zero
  }
  static std::uint32_t tag_of(std::uint64_t word) { return static_cast<std::uint32_t>(word >> 32); }
  static Owner owner_of(std::uint64_t word) { return static_cast<Owner>(word); }
  std::atomic<std::uint64_t>& place(std::uint64_t server) { return places_[server % places]; }

  std::array<std::atomic<std::uint64_t>, places> places_;
};

}  // namespace personalize::module
