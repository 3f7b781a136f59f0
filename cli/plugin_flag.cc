#include "cli/plugin_flag.h"

#include <sstream>
#include <stdexcept>

namespace personalize::cli {

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

}  // namespace personalize::cli
