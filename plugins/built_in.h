// The plugins that come with the module.
#pragma once

#include <memory>
#include <vector>

#include "plugins/built_in_plugin.h"

namespace personalize::plugins {

/// In the order in which they resolve.
std::vector<std::unique_ptr<BuiltInPlugin>> built_in();

}  // namespace personalize::plugins
