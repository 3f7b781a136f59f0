// How the rules in Lua of one rule set fare, for the log and for counters.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plugins/plugin.h"
#include "rules/rule_set.h"

namespace personalize::engine {

class ScriptReport {
 public:
  explicit ScriptReport(std::shared_ptr<const rules::RuleSet> rules) : rules_(std::move(rules)) {}

  /// Adds a warning if functions failed since the last time.
  void maintain(plugins::MaintenanceReport& report);
  /// Always the same names, whether there are scripts or not.
  void add_metrics(std::vector<plugins::Metric>& metrics) const;

 private:
  std::shared_ptr<const rules::RuleSet> rules_;
  std::uint64_t told_failures_ = 0;
};

}  // namespace personalize::engine
