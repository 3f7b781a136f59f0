// What the status says beyond plain counters: numbers that have a label.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "module/status/status.h"

namespace personalize::module {

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

/// A sample's value that is written without a point.
inline bool is_whole(double value) { return value >= 0 && value < 9e15 && value == std::floor(value); }

/// Responses that nothing was done to, by reason …
Family skipped(const StatusZone& zone);
/// … and with those that were personalized.
Family responses(const StatusZone& zone);
/// Decided pages, by what became of the visitor's profile.
Family profiles(const StatusZone& zone);
/// Which workers have which rules. Where all have the same, one of the samples is the number of workers, and the others
/// are not there.
std::vector<Family> rule_sets(const MainConf& main, const std::vector<WorkerNote>& notes);
/// Which rules won how often; "other": those that have no counter of their own.
Family rule_decisions(const StatusZone& zone);
/// What plugins count.
std::vector<Family> plugin_families(const std::vector<WorkerNote>& notes, const MainConf& main);
/// Bytes of the module's zones of shared memory, and how many of them are free.
std::vector<Family> shared_memory();

}  // namespace personalize::module
