#include "engine/rules/script_report.h"

#include <string>

#include "plugins/lua/metrics.h"
#include "rules/lua/script.h"

namespace personalize::engine {

void ScriptReport::maintain(plugins::MaintenanceReport& report) {
  std::uint64_t failures = 0;
  std::string last;
  for (const auto& [file, script] : rules_->scripts()) {
    const rules::lua::Statistics statistics = script->statistics();
    if (statistics.failures != 0) last = file + ": " + statistics.last_failure;
    failures += statistics.failures;
  }
  if (failures != told_failures_)
    report.warnings.push_back("rules in Lua failed " + std::to_string(failures - told_failures_) +
                              (failures - told_failures_ == 1 ? " time" : " times") + ", for instance " + last);
  told_failures_ = failures;
}

void ScriptReport::add_metrics(std::vector<plugins::Metric>& metrics) const {
  rules::lua::Statistics scripts;
  for (const auto& [file, script] : rules_->scripts()) scripts.add(script->statistics());
  plugins::add_lua_metrics(scripts, metrics);
}

}  // namespace personalize::engine
