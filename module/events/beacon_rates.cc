#include "module/events/beacon_rates.h"

#include <new>

namespace personalize::module {
namespace {

constexpr std::uint64_t minute_bits = 0xFFFF;

}  // namespace

BeaconRates* BeaconRates::make(std::span<std::byte> memory) {
  if (memory.size() < sizeof(BeaconRates) + sizeof(Set)) return nullptr;
  auto* rates = new (memory.data()) BeaconRates;
  rates->set_count_ = (memory.size() - sizeof(BeaconRates)) / sizeof(Set);
  for (std::uint64_t i = 0; i < rates->set_count_; ++i)
    for (Entry& entry : rates->sets()[i]) new (&entry) Entry{};
  return rates;
}

bool BeaconRates::allow(std::uint64_t whom, std::uint32_t minute, std::uint32_t max) {
  const std::uint64_t this_minute = (minute & minute_bits) + 1;  // never zero
  const std::uint64_t whose = (whom & ~(minute_bits << 1 | 1)) | this_minute;
  Set& set = sets()[(whom >> 17) % set_count_];
  for (Entry& entry : set)
    if (entry.whose.load(std::memory_order_relaxed) == whose)
      return entry.count.fetch_add(1, std::memory_order_relaxed) < max;
  for (Entry& entry : set) {
    std::uint64_t former = entry.whose.load(std::memory_order_relaxed);
    if ((former & (minute_bits << 1 | 1)) == this_minute) continue;  // somebody else's, who is counted now
    if (!entry.whose.compare_exchange_strong(former, whose, std::memory_order_relaxed)) continue;
    entry.count.store(1, std::memory_order_relaxed);
    return max != 0;
  }
  return true;
}

}  // namespace personalize::module
