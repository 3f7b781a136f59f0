// weather.*: the weather at the visitor's place.
#pragma once

#include <optional>

#include "plugins/built_in_plugin.h"
#include "plugins/weather/report.h"

namespace personalize::plugins {

/// At the coordinates of geo.*, from the host's WeatherSource; missing without one.
class WeatherPlugin : public BuiltInPlugin {
 public:
  std::string_view name() const override { return "weather"; }
  void configure(const Settings& settings) override { source_ = settings.weather; }
  std::span<const AttributeRow> attributes() const override;
  void activate(Activation& activation) override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

 private:
  std::optional<rules::AttributeId> latitude_;
  std::optional<rules::AttributeId> longitude_;
  WeatherSource* source_ = nullptr;
};

}  // namespace personalize::plugins
