// What NGINX is told by directives, as flags of the tool.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <string>
#include <vector>

#include "plugins/settings_option.h"

namespace personalize::cli {

/// Belongs to one subcommand and outlives its parsing.
class SettingsFlags {
 public:
  explicit SettingsFlags(CLI::App& command);

  /// What the flags said, once they were parsed. Throws std::runtime_error that names the flag.
  plugins::Settings settings() const;

 private:
  std::vector<std::string> geo_databases_;
  std::array<std::vector<std::string>, plugins::settings_option_count> words_;  // of plugins::settings_options
};

}  // namespace personalize::cli
