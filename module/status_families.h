// What the status says beyond plain counters: numbers that have a label.
#pragma once

#include <string>
#include <vector>

#include "module/status.h"

namespace personalize::nginx {

struct Sample {
  std::string label;  ///< value of the family's label, or empty if it has none
  double value;
};

/// As Prometheus calls it: samples that differ in a label alone.
struct Family {
  std::string name;  ///< without the module's prefix
  std::string help;  ///< one line
  std::string label_name;
  bool counter;  ///< else it may also fall
  std::vector<Sample> samples;
};

/// Which rules won how often; "other": those that have no counter of their own.
Family rule_decisions(const StatusZone& zone);
/// What plugins count.
std::vector<Family> plugin_families(const std::vector<WorkerNote>& notes, const MainConf& main);
/// Bytes of the module's zones of shared memory, and how many of them are free.
std::vector<Family> shared_memory();

}  // namespace personalize::nginx
