// What each worker says about itself, for the one that is asked for the status: a worker only knows its own memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "module/conf/conf.h"

namespace personalize::module {

inline constexpr std::size_t max_rule_sets = 16;  ///< that have a place of their own
inline constexpr std::size_t max_noted_metrics = 48;

/// In shared memory, one per worker; all zero is one that was never written.
struct WorkerNote {
  struct Metric {
    char name[64];   ///< longer ones are left out
    char label[64];  ///< longer ones are cut
    double value;
  };
  struct Rules {
    char version[24];
    std::uint32_t living;  ///< sets in memory: the one in use, and older ones that pages still hold
    bool refused;          ///< the files as they are now cannot be used
  };
  ngx_msec_t written;  ///< ngx_current_msec, which all processes share; 0: never
  std::uint32_t metric_count;
  std::uint32_t rules_count;
  std::array<Metric, max_noted_metrics> metrics;
  std::array<Rules, max_rule_sets> rules;
};

/// What this worker has to say.
void fill_in(WorkerNote& note, const MainConf& main);

/// Plugins' numbers, made of those of all workers whose notes these are, and described as this worker describes them.
std::vector<plugins::Metric> merge_metrics(const std::vector<WorkerNote>& notes, const MainConf& main);

}  // namespace personalize::module
