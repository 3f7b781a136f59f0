// Consent strings of the IAB's Transparency and Consent Framework, version 2
// (https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework, "Consent string
// and vendor list formats v2"): the visitor's consent in general, without vendors, publisher restrictions and publisher
// purposes. All policies from 2.0 to 2.3 use this format.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace personalize::plugins {

struct TcfConsent {
  std::uint32_t purposes = 0;          ///< bit 0 is purpose 1
  std::uint16_t special_features = 0;  ///< bit 0 is special feature 1

  bool purpose(unsigned number) const { return number >= 1 && number <= 24 && (purposes >> (number - 1) & 1) != 0; }
  bool special_feature(unsigned number) const {
    return number >= 1 && number <= 12 && (special_features >> (number - 1) & 1) != 0;
  }
};

/// The core segment of a string; nothing if it is not of version 2 or too short, or if some segment is not
/// base64url.
std::optional<TcfConsent> parse_tcf(std::string_view text);

}  // namespace personalize::plugins
