// What the status contains besides plain numbers: numbers with a label.
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

/// Prometheus' term: samples that only differ in a label.
struct Family {
  std::string name;  ///< without the module's prefix
  std::string help;  ///< one line
  std::string label_name;
  bool counter;  ///< otherwise it may also fall
  std::vector<Sample> samples;
};

/// True for values that are written without a decimal point.
inline bool is_whole(double value) { return value >= 0 && value < 9e15 && value == std::floor(value); }

/// Responses that nothing was done to, by reason …
Family skipped(const StatusZone& zone);
/// … and those that were personalized.
Family responses(const StatusZone& zone);
/// Decided pages, by what became of the visitor's profile.
Family profiles(const StatusZone& zone);
/// What scripts have sent, by what became of it, and what became of the events in it.
Family beacons(const StatusZone& zone);
Family beacon_events(const StatusZone& zone);
/// Events that are not in the log, by reason.
Family events_dropped(const StatusZone& zone);
/// Requests that made no event although some are declared for them, by reason.
Family events_unmade(const StatusZone& zone);
/// Events made, by name …
Family events(const StatusZone& zone);
/// … and those without a fact that their mapping mentions.
Family events_fact_missing(const StatusZone& zone);
/// Pages that had more facts than are read, by what they are.
Family facts_ignored(const StatusZone& zone);
/// Which workers use which rules. If all use the same, there is one sample, the number of workers.
std::vector<Family> rule_sets(const MainConf& main, const std::vector<WorkerNote>& notes);
/// How often each rule won; "other": those without a counter of their own.
Family rule_decisions(const StatusZone& zone);
/// What plugins count.
std::vector<Family> plugin_families(const std::vector<WorkerNote>& notes, const MainConf& main);
/// The sizes of the module's zones of shared memory, and how much of each is free.
std::vector<Family> shared_memory();

}  // namespace personalize::module
