#include "module/events/new_event_id.h"

#include <sys/random.h>

#include <array>

#include "module/ngx.h"

namespace personalize::module {
namespace {

/// From the system, many at once.
std::uint64_t bits_of_system() {
  static std::array<std::uint64_t, 64> bits;
  static std::size_t left = 0;
  if (left == 0) {
    if (getrandom(bits.data(), sizeof(bits), 0) != static_cast<ssize_t>(sizeof(bits)))
      for (std::uint64_t& word : bits) word = static_cast<std::uint64_t>(ngx_random()) << 32 ^ ngx_random();
    left = bits.size();
  }
  return bits[--left];
}

}  // namespace

learn::events::EventId new_event_id(std::int64_t time) {
  const std::uint64_t high = bits_of_system();
  return {time, high, bits_of_system()};
}

}  // namespace personalize::module
