// Strings of the IAB's Global Privacy Platform
// (https://github.com/InteractiveAdvertisingBureau/Global-Privacy-Platform, "Consent String Specification" and the
// sections' specifications), and of its forerunner for the United States, the US Privacy String.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "plugins/consent/tcf.h"

namespace personalize::plugins {

struct GppChoices {
  bool opted_out = false;  ///< of sale, sharing or targeted advertising, in whichever section of the US
  /// The sections of the EU and of Canada, where implied consent is consent; one that cannot be read agrees to nothing.
  std::optional<TcfConsent> tcf_eu, tcf_ca;
};

/// What a string says, whose first part tells which sections follow. Nothing if it is malformed, or has a section in
/// which an opt-out might stand that cannot be read. Read are tcfeu2 (2), tcfca1 (5), uspv1 (6), usnat (7) and the
/// states from usca (8) to usri (27).
std::optional<GppChoices> parse_gpp(std::string_view text);

/// True if `applicable`, the cookie `gpp_sid` such as "7_8", does not leave the section out; where it is empty or
/// malformed none is left out.
bool gpp_section_applies(unsigned section, std::string_view applicable);
inline constexpr unsigned gpp_section_tcf_eu = 2, gpp_section_tcf_ca = 5;

/// "1YNN": did the visitor opt out of the sale of data? Nothing if it is malformed.
std::optional<bool> parse_us_privacy(std::string_view text);

}  // namespace personalize::plugins
