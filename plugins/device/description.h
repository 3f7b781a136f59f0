// A device in the words that rules use.
#pragma once

#include <string>
#include <string_view>

#include "plugins/device/client_hints.h"
#include "plugins/device/user_agent_parser.h"

namespace personalize::plugins {

enum class DeviceType : std::uint8_t { unknown, phone, tablet, desktop, tv, console, wearable, bot };
inline constexpr std::string_view device_type_names[] = {"unknown", "phone",   "tablet",   "desktop",
                                                         "tv",      "console", "wearable", "bot"};
std::string_view to_string(DeviceType type);

struct DeviceDescription {
  UserAgent parsed;  ///< with what Client Hints say, without what only stands for "unknown"
  DeviceType type = DeviceType::unknown;
  std::string system_version;   ///< "17.4", from as many parts as are known
  std::string browser_version;  ///< "124.0.6367"
  bool is_touch = false;
};

DeviceDescription describe(const DeviceHeaders& headers, const UserAgentParser& parser);

}  // namespace personalize::plugins
