// What the workers count. Each worker has a slot of its own in shared memory, which survives reloads; readers add the
// slots up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "module/status/gauge.h"
#include "module/status/numbers.h"
#include "module/status/rule_counts.h"

namespace personalize::module {

using Count = std::atomic<std::uint64_t>;

/// How long something took, in buckets.
struct Histogram {
  static constexpr std::array<std::uint32_t, 13> bounds_us = {1,   2,   5,    10,   20,   50,   100,
                                                              200, 500, 1000, 2000, 5000, 10000};
  std::array<Count, bounds_us.size() + 1> buckets;  ///< the last one: longer than all bounds
  Count sum_ns;

  void add(std::uint64_t ns) {
    std::size_t i = 0;
    while (i < bounds_us.size() && ns > bounds_us[i] * std::uint64_t{1000}) ++i;
    buckets[i].fetch_add(1, std::memory_order_relaxed);
    sum_ns.fetch_add(ns, std::memory_order_relaxed);
  }
};

/// All zero is a valid initial state. None of these ever falls: a worker may die, and others may share its slot.
struct Counters {
  static constexpr std::size_t max_reasons = 16, max_statuses = 16, max_event_reasons = 16, max_event_names = 32,
                               max_fact_kinds = 8;

#define PERSONALIZE_MEMBER(name, help) Count name;
  PERSONALIZE_NUMBERS(PERSONALIZE_MEMBER, PERSONALIZE_MEMBER, PERSONALIZE_NO_NUMBER)
#undef PERSONALIZE_MEMBER

  std::array<Count, max_reasons> skipped;              ///< those of `responses` that nothing was done to, by `Skipped`
  std::array<Count, max_statuses> profile;             ///< decided pages, by `engine::FetchStatus`
  std::array<Count, max_counted_rules + 1> decisions;  ///< by number in `CountedRules`; the last one is for other rules
  std::array<Count, max_event_reasons> beacons;        ///< by `BeaconOutcome`
  std::array<Count, max_event_reasons> beacon_events;  ///< of beacons that were taken, by `BeaconVerdict`
  std::array<Count, max_event_reasons> events_dropped;     ///< by `Dropped`
  std::array<Count, max_event_reasons> events_unmade;      ///< by `engine::NoEvent`
  std::array<Count, max_fact_kinds> facts_ignored;         ///< by `IgnoredFacts`
  std::array<Count, max_event_names> events;               ///< by `learn::events::EventName` …
  std::array<Count, max_event_names> events_fact_missing;  ///< … those that lack a fact that they should have
  Histogram decide;                                        ///< one page's attributes, decision and content
  Histogram rewrite;                                       ///< one page's body
};

/// This worker's slot.
Counters& counters();
void set_counters(Counters& slot);

/// Raises or lowers this worker's gauge by `by`.
void add_to(GaugeName gauge, std::int32_t by);
/// From now on this worker's gauges are in `slot`, where they belong to `owner`.
void set_gauges(Gauges& slot, Gauge::Owner owner);
/// Writes them again, in case a worker that has gone since had taken them over.
void publish_gauges();
/// True if that process exists and may be signalled, as a worker may.
bool is_alive(Gauge::Owner owner);

}  // namespace personalize::module
