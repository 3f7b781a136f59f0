#include "plugins/lua/metrics.h"

namespace personalize::plugins {

void add_lua_metrics(const rules::lua::Statistics& statistics, std::vector<Metric>& metrics) {
  const auto add = [&](const char* name, auto value, const char* help) {
    metrics.push_back({.name = name, .label = {}, .value = static_cast<double>(value), .help = help, .label_name = {}});
  };
  add("lua_calls_total", statistics.calls, "Calls of functions in Lua, of rules and of plugins");
  add("lua_failures_total", statistics.failures, "Calls of functions in Lua that failed, overruns included");
  add("lua_overruns_total", statistics.overruns, "Calls of functions in Lua that went over their budget");
  add("lua_paused_total", statistics.paused, "Calls that were not made because a file of Lua pauses after overruns");
  add("lua_rebuilds_total", statistics.rebuilds, "Lua states that were rebuilt after an overrun");
  add("lua_memory_bytes", statistics.memory, "Memory that states of Lua hold");
}

}  // namespace personalize::plugins
