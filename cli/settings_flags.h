// Flags for what NGINX sets with directives.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "cli/weather_file.h"
#include "plugins/settings_option.h"

namespace personalize::cli {

/// Belongs to one subcommand and outlives its parsing.
class SettingsFlags {
 public:
  explicit SettingsFlags(CLI::App& command);

  /// The parsed flags, with views into this object. Throws a std::runtime_error that names the flag or file.
  plugins::HostSettings settings();

 private:
  std::vector<std::string> geo_databases_;
  std::vector<std::string> plugins_;
  std::vector<std::string> attributes_;
  std::string weather_path_;
  std::unique_ptr<WeatherFile> weather_;
  std::array<std::vector<std::string>, plugins::settings_option_count> words_;  // of plugins::settings_options
};

}  // namespace personalize::cli
