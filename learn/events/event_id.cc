#include "learn/events/event_id.h"

#include <cstddef>

namespace personalize::learn::events {

EventId::EventId(std::int64_t time, std::uint64_t random_high, std::uint64_t random_low) {
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr std::uint64_t version = 7, variant = 2;
  const std::uint64_t high = static_cast<std::uint64_t>(time) << 16 | version << 12 | (random_high & 0xFFF);
  const std::uint64_t low = variant << 62 | (random_low & ~(std::uint64_t{3} << 62));
  std::size_t at = 0;
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text_[at++] = '-';
    const std::uint64_t half = digit < 16 ? high : low;
    text_[at++] = hex[half >> (60 - digit % 16 * 4) & 15];
  }
}

}  // namespace personalize::learn::events
