// The status' plain numbers: their names, and their sums over all workers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "module/status/counters.h"
#include "module/status/status.h"

namespace personalize::module {

struct StatusRow {
  std::string_view json, metric, help;  ///< no metric: it is part of a family
  Count Counters::*count;               ///< null: it is a gauge
  GaugeName gauge = GaugeName::count;
};
std::span<const StatusRow> status_rows();

struct HistogramRow {
  std::string_view name, help;  ///< without unit
  Histogram Counters::*member;
};
std::span<const HistogramRow> histogram_rows();

/// The sum over all workers of the count that `get` finds among a worker's.
template <class Get>
std::uint64_t sum(const StatusZone& zone, Get get) {
  std::uint64_t total = 0;
  for (const Counters& slot : zone.slots) total += get(slot).load(std::memory_order_relaxed);
  return total;
}

inline std::uint64_t sum(const StatusZone& zone, const StatusRow& row) {
  if (row.count == nullptr) return gauge_sum(row.gauge);
  return sum(zone, [&](const Counters& slot) -> const Count& { return slot.*row.count; });
}

/// How often something took longer than bound `i - 1`, but not longer than bound `i`.
inline std::uint64_t bucket(const StatusZone& zone, const HistogramRow& row, std::size_t i) {
  return sum(zone, [&](const Counters& slot) -> const Count& { return (slot.*row.member).buckets[i]; });
}

inline std::uint64_t total_ns(const StatusZone& zone, const HistogramRow& row) {
  return sum(zone, [&](const Counters& slot) -> const Count& { return (slot.*row.member).sum_ns; });
}

}  // namespace personalize::module
