// The host's configuration as a whole. `Settings` is part of the plugin interface, and its size may not change; what
// was added since is here, and only built-in plugins and the engine see it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plugins/configuration.h"

namespace personalize::plugins {

struct HostSettings : Settings {
  HostSettings() = default;
  HostSettings(Settings settings) : Settings(std::move(settings)) {}

  std::vector<std::string> headers;    ///< names of fields of the request that rules may see, in request.headers
  std::vector<std::string> variables;  ///< names that values of the host have in rules: `segment` is nginx.segment
  bool time_zone_configured = false;   ///< `default_time_zone` is for schedules, too; their files may name one as well
  bool makes_events = false;           ///< what every event says is to be known of each request
  bool operator==(const HostSettings&) const = default;
};

}  // namespace personalize::plugins
