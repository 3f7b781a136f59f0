// From how many networks each visitor's id has come lately: a person's comes from a few. One that comes from more has
// been given to many people, nearly always by a cache in front of NGINX that keeps Set-Cookie.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace personalize::module {

/// In memory that all workers share, without a lock: what two of them write at the same moment may be lost, so that a
/// network counts a little later.
class NetworkCounts {
 public:
  static constexpr std::size_t max_networks = 50;            ///< of one id, within …
  static constexpr std::uint32_t window = 60 * 60;           ///< … these seconds
  static constexpr std::uint32_t banned_for = 24 * 60 * 60;  ///< seconds, and longer while it keeps coming

  enum class Verdict : std::uint8_t {
    usual,
    shared,      ///< more networks than that: whose id it is cannot be known
    now_shared,  ///< the same, since this request
  };

  /// Makes empty counts in `memory`, which is aligned for any type; null if there is too little of it.
  static NetworkCounts* make(std::span<std::byte> memory);

  /// A request with that id has come. `network`: see `network_of`. `now`: in seconds, never falling.
  Verdict add(std::string_view id, std::uint64_t network, std::uint32_t now);

 private:
  /// Of one id; all zero: nobody's.
  struct Entry {
    std::atomic<std::uint64_t> id;  ///< a hash
    std::atomic<std::uint32_t> since;
    std::atomic<std::uint32_t> banned_until;
    std::atomic<std::uint32_t> count;  ///< of networks
    std::atomic<std::uint16_t> networks[max_networks];
  };
  static constexpr std::size_t ways = 4;
  using Set = Entry[ways];

  Entry& entry_of(std::uint64_t id, std::uint32_t now);
  Set* sets() { return reinterpret_cast<Set*>(this + 1); }

  std::uint64_t set_count_ = 0;
};

/// A hash of the network that an address (4 or 16 bytes) is in: its first 24 bits for IPv4, 48 for IPv6, which is what
/// one household or company has.
std::uint64_t network_of(std::span<const unsigned char> address);

}  // namespace personalize::module
