// `--plugin`: third parties' plugins for the command line tool.
#pragma once

#include <string>

#include "plugins/plugin_file.h"

namespace personalize::cli {

/// What stands behind NGINX's `personalize_plugin`: a file, and name=value behind spaces. Throws std::runtime_error
/// that says what is wrong with it, or with the file.
plugins::PluginUse parse_plugin(const std::string& text);

}  // namespace personalize::cli
