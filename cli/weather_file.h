// The weather for the command line tool: one answer of a weather service, for every place.
#pragma once

#include <optional>
#include <string>

#include "plugins/weather/report.h"

namespace personalize::cli {

class WeatherFile final : public plugins::WeatherSource {
 public:
  /// Reads the file and finds out which service's answer it is. Throws std::runtime_error.
  explicit WeatherFile(const std::string& path);

  std::optional<plugins::WeatherReport> find(plugins::WeatherCell cell, std::int64_t now_us) override;

 private:
  plugins::WeatherReport report_;
};

}  // namespace personalize::cli
