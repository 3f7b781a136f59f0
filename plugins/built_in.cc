#include "plugins/built_in.h"

#include "plugins/consent/plugin.h"
#include "plugins/device/plugin.h"
#include "plugins/geo/plugin.h"
#include "plugins/profile/plugin.h"
#include "plugins/request/plugin.h"
#include "plugins/time/plugin.h"
#include "plugins/weather/plugin.h"

namespace personalize::plugins {

std::vector<std::unique_ptr<BuiltInPlugin>> built_in() {
  std::vector<std::unique_ptr<BuiltInPlugin>> plugins;
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
