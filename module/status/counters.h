// What the workers count. Each worker has a slot of its own in shared memory, which survives reloads; whoever reads
// adds the slots up.
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

/// All zero is a valid beginning. None of these falls: a worker may die, and others may share its slot.
struct Counters {
  static constexpr std::size_t max_reasons = 16, max_statuses = 16;

#define PERSONALIZE_MEMBER(name, help) Count name;
  PERSONALIZE_NUMBERS(PERSONALIZE_MEMBER, PERSONALIZE_MEMBER, PERSONALIZE_NO_NUMBER)
#undef PERSONALIZE_MEMBER

  std::array<Count, max_reasons> skipped;              ///< of `responses`, those that nothing was done to, by `Skipped`
  std::array<Count, max_statuses> profile;             ///< decided pages, by `engine::FetchStatus`
  std::array<Count, max_counted_rules + 1> decisions;  ///< by number in `CountedRules`, the last one: other rules
  Histogram decide;                                    ///< one page's attributes, decision and content
  Histogram rewrite;                                   ///< one page's body
};

/// This worker's slot.
Counters& counters();
void set_counters(Counters& slot);

/// This worker's, up or down by `by`.
void add_to(GaugeName gauge, std::int32_t by);
/// They are `owner`'s from now on.
void set_gauges(Gauges& slot, Gauge::Owner owner);
/// Writes them once more, should somebody who has gone since have taken them over.
void publish_gauges();
/// True if that process is there; a worker's is one that may be signalled.
bool is_alive(Gauge::Owner owner);

}  // namespace personalize::module
