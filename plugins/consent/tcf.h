// Consent strings of the IAB's Transparency and Consent Framework, version 2
// (https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework, "Consent string
// and vendor list formats v2"): what the visitor agreed to in general. Vendors, the publisher's restrictions and
// its own purposes are not looked at. The format is the same for all policies so far (2.0 to 2.3, policy_version
// 2 to 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace personalize::plugins {

struct TcfConsent {
  std::uint32_t purposes = 0;              ///< bit 0 is purpose 1
  std::uint32_t legitimate_interests = 0;  ///< the same, for purposes claimed as such and not objected to
  std::uint16_t special_features = 0;      ///< bit 0 is special feature 1
  int policy_version = 0;
  std::int64_t updated_s = 0;  ///< seconds since 1970 UTC

  bool purpose(unsigned number) const { return number >= 1 && number <= 24 && (purposes >> (number - 1) & 1) != 0; }
  bool special_feature(unsigned number) const {
    return number >= 1 && number <= 12 && (special_features >> (number - 1) & 1) != 0;
  }
};

/// The core segment of a string; nothing if it is not of version 2 or too short, or if some segment is not
/// base64url.
std::optional<TcfConsent> parse_tcf(std::string_view text);

}  // namespace personalize::plugins
