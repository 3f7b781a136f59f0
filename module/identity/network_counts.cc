#include "module/identity/network_counts.h"

#include <xxhash.h>

#include <algorithm>
#include <new>

namespace personalize::module {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

NetworkCounts* NetworkCounts::make(std::span<std::byte> memory) {
  if (memory.size() < sizeof(NetworkCounts) + sizeof(Set)) return nullptr;
  auto* counts = new (memory.data()) NetworkCounts();
  counts->set_count_ = (memory.size() - sizeof(NetworkCounts)) / sizeof(Set);
  std::fill(memory.begin() + sizeof(NetworkCounts), memory.end(), std::byte{});
  return counts;
}

/// The id's, or that of one about which less is known: of few networks, then of long ago.
NetworkCounts::Entry& NetworkCounts::entry_of(std::uint64_t id, std::uint32_t now) {
  Set& set = sets()[id % set_count_];
  Entry* least = &set[0];
  for (Entry& entry : set) {
    if (entry.id.load(relaxed) == id) return entry;
    const auto known = [&](const Entry& e) {
      const bool current = now - e.since.load(relaxed) < window || e.banned_until.load(relaxed) > now;
      return std::pair(current ? e.count.load(relaxed) : 0, e.since.load(relaxed));
    };
    if (known(entry) < known(*least)) least = &entry;
  }
  least->count.store(0, relaxed);
  least->banned_until.store(0, relaxed);
  least->since.store(now, relaxed);
  least->id.store(id, relaxed);
  return *least;
}

NetworkCounts::Verdict NetworkCounts::add(std::string_view id, std::uint64_t network, std::uint32_t now) {
  Entry& entry = entry_of(XXH3_64bits(id.data(), id.size()) | 1, now);
  if (entry.banned_until.load(relaxed) > now) {
    entry.banned_until.store(now + banned_for, relaxed);
    return Verdict::shared;
  }
  if (now - entry.since.load(relaxed) >= window) {
    entry.count.store(0, relaxed);
    entry.since.store(now, relaxed);
  }
  const auto print = static_cast<std::uint16_t>(network);
  const std::size_t count = std::min<std::size_t>(entry.count.load(relaxed), max_networks);
  for (std::size_t i = 0; i < count; ++i)
    if (entry.networks[i].load(relaxed) == print) return Verdict::usual;
  if (count == max_networks) {
    entry.banned_until.store(now + banned_for, relaxed);
    return Verdict::now_shared;
  }
  entry.networks[count].store(print, relaxed);
  entry.count.store(static_cast<std::uint32_t>(count) + 1, relaxed);
  return Verdict::usual;
}

std::uint64_t network_of(std::span<const unsigned char> address) {
  return XXH3_64bits(address.data(), std::min<std::size_t>(address.size(), address.size() == 4 ? 3 : 6));
}

}  // namespace personalize::module
