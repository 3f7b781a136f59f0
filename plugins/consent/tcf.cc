#include "plugins/consent/tcf.h"

#include <algorithm>
#include <cstddef>

#include "plugins/consent/base64_bits.h"

namespace personalize::plugins {
namespace {

// Places of fields in the core segment, in bits.
constexpr std::size_t version_at = 0, features_at = 140, purposes_at = 152;
// To the end of what every core segment has: the publisher's country, and of the vendors' consents their largest
// number and how they are written. These themselves are as long as they like.
constexpr std::size_t needed_bits = 230;

}  // namespace

std::optional<TcfConsent> parse_tcf(std::string_view text) {
  const auto segments = [](char c) { return c == '.' || base64url(c) >= 0; };
  if (!std::all_of(text.begin(), text.end(), segments)) return std::nullopt;
  const Base64Bits bits(text.substr(0, text.find('.')));
  if (bits.size() < needed_bits || bits.number(version_at, 6) != 2) return std::nullopt;
  return TcfConsent{.purposes = bits.set(purposes_at, 24),
                    .special_features = static_cast<std::uint16_t>(bits.set(features_at, 12))};
}

}  // namespace personalize::plugins
