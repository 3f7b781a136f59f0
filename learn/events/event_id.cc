#include "learn/events/event_id.h"

#include <algorithm>
#include <cstddef>

namespace personalize::learn::events {
namespace {

/// The two digits of each byte.
constexpr auto hex = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> all{};
  for (std::size_t byte = 0; byte < all.size(); ++byte) all[byte] = {digits[byte >> 4], digits[byte & 15]};
  return all;
}();

}  // namespace

EventId::EventId(std::int64_t time, std::uint64_t random_high, std::uint64_t random_low) {
  constexpr std::uint64_t version = 7, variant = 2;
  const std::uint64_t high = static_cast<std::uint64_t>(time) << 16 | version << 12 | (random_high & 0xFFF);
  const std::uint64_t low = variant << 62 | (random_low & ~(std::uint64_t{3} << 62));
  char* out = text_.data();
  for (int byte = 0; byte < 16; ++byte) {
    if (byte == 4 || byte == 6 || byte == 8 || byte == 10) *out++ = '-';
    const std::uint64_t half = byte < 8 ? high : low;
    out = std::copy_n(hex[half >> (56 - byte % 8 * 8) & 0xFF].begin(), 2, out);
  }
}

}  // namespace personalize::learn::events
