// What the workers count. Each worker has a slot of its own in shared memory, which survives reloads; whoever reads
// adds the slots up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "module/status/gauge.h"
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

  Count requests;                           ///< responses that were looked at
  Count personalized;                       ///< of these, pages that rules had edits for
  std::array<Count, max_reasons> skipped;   ///< of these, responses that nothing was done to, by `Skipped`
  std::array<Count, max_statuses> profile;  ///< decided pages, by `engine::FetchStatus`
  Count held;                               ///< pages that waited for a reply
  Count deadline_missed;                    ///< pages decided without a reply that was asked for
  Count exceptions;
  Count plugin_failures;
  Count bodies_broken;  ///< encoded pages that could not be decoded to their end
  Count redis_queries;
  Count redis_errors;       ///< replies that were errors
  Count redis_disconnects;  ///< connections that failed or were given up
  Count redis_refused;      ///< pages that did not ask because no connection was healthy
  Count redis_writes_lost;  ///< writes of plugins that could not be sent, or were not answered
  Count redis_recoveries;   ///< connections that came back
  Count redis_shared;       ///< queries that were not sent, because the same was in flight
  Count redis_redirects;    ///< replies that said that a cluster's key is elsewhere
  Count redis_moves;        ///< times that Sentinels or a cluster named other masters
  Count redis_timeouts;     ///< queries that a page gave up waiting for
  Count cache_hits;         ///< of profiles
  Count cache_misses;
  Count cache_evictions;  ///< entries that were still good, and had to make room
  Count rules_replaced;   ///< changed rule files that are in use now, counted once for all workers
  Count rules_refused;    ///< and those that could not be
  Count rules_compiled;   ///< rule sets that workers compiled because of changed files
  Count plans_built, plans_used, plans_evicted;
  Count plans_refused;       ///< that found no room in the zone
  Count not_modified;        ///< visitors who had their page already
  Count weather_fresh;       ///< pages that wanted to know the weather and had a recent report
  Count weather_stale;       ///< and that had an older one
  Count weather_unknown;     ///< and that had none
  Count weather_fetches;     ///< reports that the service was asked for
  Count weather_refused;     ///< of these, answered with an error
  Count weather_broken;      ///< of these, not answered in time or not to the end
  Count weather_unreadable;  ///< of these, answered with something else than weather, or too long
  Count weather_limited;     ///< pages whose place was not asked for, because of the limit
  Count weather_recoveries;  ///< reports that came after such failures
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
