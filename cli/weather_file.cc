#include "cli/weather_file.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace personalize::cli {

WeatherFile::WeatherFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) throw std::runtime_error(path + ": cannot be read");
  for (auto format : {plugins::WeatherFormat::open_meteo, plugins::WeatherFormat::open_weather_map}) {
    const auto report = plugins::parse_weather(format, text);
    if (!report) continue;
    report_ = *report;
    return;
  }
  throw std::runtime_error(path + ": is not an answer of Open-Meteo or OpenWeatherMap");
}

std::optional<plugins::WeatherReport> WeatherFile::find(plugins::WeatherCell, std::int64_t now_us) {
  plugins::WeatherReport report = report_;
  report.fetched_us = now_us;
  return report;
}

}  // namespace personalize::cli
