// Which outages the log has told of: each begins once and ends once, however many workers see it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace personalize::module {

/// In shared memory; all zero is none. Each outage belongs to the worker that told of it and will tell of its end; if
/// that one died, to whoever comes first. Where two servers need the same place, each worker speaks for itself.
class Outages {
 public:
  using Owner = std::uint32_t;  ///< a process's id

  /// True if nobody has told of this outage: `owner` should. `serves(worker)` is true of workers that are alive.
  template <class Serves>
  bool begin(std::uint64_t server, Owner owner, Serves serves) {
    const std::uint64_t mine = word(server, owner);
    std::uint64_t seen = place(server).load();
    while (true) {
      const bool taken = seen != 0 && serves(owner_of(seen));
      if (taken) return tag_of(seen) != tag_of(mine);
      const bool known = seen != 0 && tag_of(seen) == tag_of(mine);  // told by a worker that has died
      if (place(server).compare_exchange_weak(seen, mine)) return !known;
    }
  }

  /// True if that outage was this worker's, or a dead one's, to tell of: it is over.
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
