// Counters of Lua scripts for the status page.
#pragma once

#include <vector>

#include "plugins/plugin.h"
#include "rules/lua/script.h"

namespace personalize::plugins {

/// Always the same names, whether there are scripts or not.
void add_lua_metrics(const rules::lua::Statistics& statistics, std::vector<Metric>& metrics);

}  // namespace personalize::plugins
