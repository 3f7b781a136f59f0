#include "plugins/consent/tcf.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace personalize::plugins {
namespace {

// Places of fields in the core segment, in bits.
constexpr std::size_t version_at = 0, features_at = 140, purposes_at = 152;
// To the end of what every core segment has: the publisher's country, and of the vendors' consents their largest
// number and how they are written. These themselves are as long as they like.
constexpr std::size_t needed_bits = 230;
constexpr std::size_t needed_bytes = (needed_bits + 7) / 8;

int base64url(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

class Bits {
 public:
  /// False if the text is too short or not base64url throughout.
  bool decode(std::string_view text) {
    std::size_t bit = 0;
    for (char c : text) {
      const int value = base64url(c);
      if (value < 0) return false;
      for (int i = 5; i >= 0; --i, ++bit)
        if (bit < needed_bits && (value >> i & 1) != 0) bytes_[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
    }
    return bit >= needed_bits;
  }
  bool at(std::size_t bit) const { return (bytes_[bit / 8] >> (7 - bit % 8) & 1) != 0; }
  std::uint64_t number(std::size_t from, std::size_t count) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 1 | (at(from + i) ? 1 : 0);
    return value;
  }
  /// The first bit becomes the lowest.
  std::uint32_t set(std::size_t from, std::size_t count) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      if (at(from + i)) value |= 1u << i;
    return value;
  }

 private:
  std::array<std::uint8_t, needed_bytes> bytes_{};
};

}  // namespace

std::optional<TcfConsent> parse_tcf(std::string_view text) {
  const auto segments = [](char c) { return c == '.' || base64url(c) >= 0; };
  if (!std::all_of(text.begin(), text.end(), segments)) return std::nullopt;
  Bits bits;
  if (!bits.decode(text.substr(0, text.find('.'))) || bits.number(version_at, 6) != 2) return std::nullopt;
  return TcfConsent{.purposes = bits.set(purposes_at, 24),
                    .special_features = static_cast<std::uint16_t>(bits.set(features_at, 12))};
}

}  // namespace personalize::plugins
