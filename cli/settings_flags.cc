#include "cli/settings_flags.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "plugins/plugin_file.h"

namespace personalize::cli {
namespace {

std::string flag_of(const plugins::SettingsOption& option) {
  std::string name = "--" + std::string(option.name);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

/// What follows NGINX's `personalize_plugin`: a file, then name=value after spaces.
plugins::PluginUse parse_plugin(const std::string& text) {
  std::istringstream words(text);
  std::string path, option;
  words >> path;
  plugins::PluginUse use;
  try {
    use.file = plugins::PluginFile::open(path);
  } catch (const plugins::ConfigurationError& error) {
    throw std::runtime_error(error.file + (error.line != 0 ? ":" + std::to_string(error.line) : "") + ": " +
                             error.what());
  }
  while (words >> option) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos || equals == 0)
      throw std::runtime_error("--plugin: \"" + option + "\": options are name=value");
    use.options.add(option.substr(0, equals), option.substr(equals + 1));
  }
  return use;
}

}  // namespace

SettingsFlags::SettingsFlags(CLI::App& command) {
  command.add_option("--geo", geo_databases_, "MaxMind databases");
  command
      .add_option("--weather", weather_path_,
                  "an answer of Open-Meteo or OpenWeatherMap: the weather where the visitor is")
      ->type_name("FILE");
  command.add_option("--plugin", plugins_, "a plugin and its options; may be repeated")
      ->type_name("\"FILE name=value …\"")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--attributes", attributes_, "names that NGINX's personalize_attribute gives rules, as nginx.NAME")
      ->type_name("NAME …");
  const auto options = plugins::settings_options();
  for (std::size_t i = 0; i < options.size(); ++i) {
    auto* flag = command.add_option(flag_of(options[i]), words_[i], std::string(options[i].meaning));
    flag->type_name(std::string(options[i].words));
    if (options[i].one_word) flag->expected(1);
  }
}

plugins::HostSettings SettingsFlags::settings() {
  plugins::HostSettings settings = plugins::default_settings();
  settings.geo_databases = geo_databases_;
  if (!weather_path_.empty()) weather_ = std::make_unique<WeatherFile>(weather_path_);
  settings.weather = weather_.get();
  const auto options = plugins::settings_options();
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (words_[i].empty()) continue;
    try {
      options[i].apply(words_[i], settings);
    } catch (const plugins::ConfigurationError& error) {
      throw std::runtime_error(flag_of(options[i]) + ": " + error.what());
    }
  }
  settings.variables = attributes_;
  for (const std::string& plugin : plugins_) settings.plugins.push_back(parse_plugin(plugin));
  return settings;
}

}  // namespace personalize::cli
