// The weather of the command line tool: one answer of a weather service, wherever the visitor is.
#pragma once

#include <optional>
#include <string>

#include "plugins/weather/report.h"

namespace personalize::cli {

class WeatherFile final : public plugins::WeatherSource {
 public:
  /// Reads the file; of which service the answer is it tells itself. Throws std::runtime_error.
  explicit WeatherFile(const std::string& path);

  std::optional<plugins::WeatherReport> find(plugins::WeatherCell cell, std::int64_t now_us) override;

 private:
  plugins::WeatherReport report_;
};

}  // namespace personalize::cli
