#include "plugins/plugin.h"

#include "plugins/consent/plugin.h"
#include "plugins/device/plugin.h"
#include "plugins/geo/plugin.h"
#include "plugins/profile/plugin.h"
#include "plugins/request/plugin.h"
#include "plugins/time/plugin.h"
#include "plugins/weather/plugin.h"

namespace personalize::plugins {

std::size_t Fetches::redis(std::span<const std::string_view> command) {
  auto* copy = static_cast<std::string_view*>(
      arena_.allocate(command.size() * sizeof(std::string_view), alignof(std::string_view)));
  std::uninitialized_copy(command.begin(), command.end(), copy);
  fetches_.push_back({{copy, command.size()}});
  return fetches_.size() - 1;
}

std::vector<std::unique_ptr<Plugin>> built_in() {
  std::vector<std::unique_ptr<Plugin>> plugins;
  plugins.push_back(std::make_unique<GeoPlugin>());
  plugins.push_back(std::make_unique<ConsentPlugin>());
  plugins.push_back(std::make_unique<DevicePlugin>());
  plugins.push_back(std::make_unique<RequestPlugin>());
  plugins.push_back(std::make_unique<ProfilePlugin>());
  plugins.push_back(std::make_unique<WeatherPlugin>());
  plugins.push_back(std::make_unique<TimePlugin>());
  return plugins;
}

}  // namespace personalize::plugins
