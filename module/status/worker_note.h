// What each worker says about itself, for the worker that is asked for the status, which only knows its own memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "module/conf/conf.h"

namespace personalize::module {

inline constexpr std::size_t max_rule_sets = 16;  ///< with a place of their own
inline constexpr std::size_t max_noted_metrics = 48;

/// In shared memory, one per worker; all zero: it was never written.
struct WorkerNote {
  struct Metric {
    char name[64];   ///< longer ones are left out
    char label[64];  ///< longer ones are cut
    double value;
  };
  struct Rules {
    char version[24];
    std::uint32_t living;  ///< rule sets in memory: the one in use, and older ones that pages still use
    bool refused;          ///< the current files cannot be used
  };
  ngx_msec_t written;  ///< ngx_current_msec, which all processes share; 0: never
  std::uint32_t metric_count;
  std::uint32_t rules_count;
  std::array<Metric, max_noted_metrics> metrics;
  std::array<Rules, max_rule_sets> rules;
};

/// Fills in what this worker has to say.
void fill_in(WorkerNote& note, const MainConf& main);

/// Plugins' metrics: the values in the notes of all workers, merged, with this worker's descriptions.
std::vector<plugins::Metric> merge_metrics(const std::vector<WorkerNote>& notes, const MainConf& main);

}  // namespace personalize::module
