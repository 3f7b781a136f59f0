// User-Agent Client Hints (https://wicg.github.io/ua-client-hints/): what browsers say that no longer say it
// in their User-Agent. Header values are Structured Fields (RFC 8941).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "plugins/device/user_agent_parser.h"
#include "plugins/request.h"

namespace personalize::plugins {

/// Of the headers below those that browsers send only to sites that ask for them (Accept-CH).
inline constexpr std::string_view high_entropy_hints =
    "Sec-CH-UA-Full-Version-List, Sec-CH-UA-Platform-Version, Sec-CH-UA-Model, Sec-CH-UA-Form-Factors";

/// The headers that matter for the device, as sent.
struct DeviceHeaders {
  std::string_view user_agent;
  std::string_view brands;            ///< Sec-CH-UA
  std::string_view full_versions;     ///< Sec-CH-UA-Full-Version-List
  std::string_view mobile;            ///< Sec-CH-UA-Mobile
  std::string_view platform;          ///< Sec-CH-UA-Platform
  std::string_view platform_version;  ///< Sec-CH-UA-Platform-Version
  std::string_view model;             ///< Sec-CH-UA-Model
  std::string_view form_factors;      ///< Sec-CH-UA-Form-Factors

  /// One pass over the headers; values beyond what is looked at are cut off (User-Agent) or dropped (hints).
  static DeviceHeaders of(std::span<const Header> headers);
  bool has_hints() const { return !brands.empty() || !platform.empty() || !model.empty() || !mobile.empty(); }
};

/// Replaces in `parsed` what the hints say otherwise, with uap-core's names for browsers and systems.
void apply_hints(const DeviceHeaders& headers, const UserAgentParser& parser, UserAgent& parsed);

/// The first string of a structured list ("Mobile", "XR"), or empty; also of a single string.
std::string first_string(std::string_view field);

}  // namespace personalize::plugins
