// Reports by cell in memory that several processes share, and who may fetch the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "plugins/weather/report.h"

namespace personalize::module {

/// All times in microseconds.
struct WeatherTimes {
  std::int64_t fresh = 0;     ///< older reports are fetched again…
  std::int64_t usable = 0;    ///< …and used in the meantime, up to that age
  std::int64_t fetching = 0;  ///< a fetch that takes longer is lost: its process is gone
  std::int64_t pause = 0;     ///< after an error; doubled by every further one
  std::int64_t max_pause = 600'000'000;
  std::uint32_t max_fetches = 0;  ///< in a minute, of all processes
  bool operator==(const WeatherTimes&) const = default;
};

/// A hash table of fixed size whose buckets forget what was not asked for longest. Nothing is ever allocated and
/// there are no pointers: a process that is killed at any point does no harm, at worst it leaves an entry without
/// a report. The host holds its lock around each call, which looks at 640 bytes.
///
/// Each cell is fetched by one process at a time. After an error a cell is left alone for a while; after many in a
/// row, of whatever cells, so is the service, but for one try at a time. Cells come from visitors' addresses, so that
/// there may be any number of them: there is a limit to the fetches of a minute, beyond which no new cell is
/// remembered.
class WeatherTable {
 public:
  /// In `size` bytes of memory that are all zero, or hold a table made with the same size. Null if that is too
  /// little.
  static WeatherTable* in(void* memory, std::size_t size);

  struct Answer {
    std::optional<plugins::WeatherReport> report;  ///< may be used
    bool stale = false;                            ///< but should be fetched again
    bool fetch = false;       ///< by the caller, who says `fetched`, `failed` or `gave_back` afterwards
    bool over_limit = false;  ///< would be fetched, but for the limit
  };
  /// `may_fetch`: the caller could. `random`: any 32 bits, of which the pauses' length is made.
  Answer find(plugins::WeatherCell cell, std::int64_t now, const WeatherTimes& times, bool may_fetch,
              std::uint32_t random);
  /// True if the last try before this one had failed.
  bool fetched(plugins::WeatherCell cell, const plugins::WeatherReport& report);
  /// `retry_after`: the service wants no request for that long, for any cell; at most the longest pause is kept.
  void failed(plugins::WeatherCell cell, std::int64_t now, const WeatherTimes& times, std::uint32_t random,
              std::int64_t retry_after = 0);
  /// The service was not asked.
  void gave_back(plugins::WeatherCell cell);

  /// Cells that are remembered.
  std::size_t size() const { return used_; }
  std::size_t capacity() const { return buckets_ * ways; }

 private:
  static constexpr std::size_t ways = 8;
  static constexpr std::uint32_t failures_of_a_broken_service = 8;

  struct Entry {
    bool used;
    std::uint8_t failures;  // in a row
    plugins::WeatherCell cell;
    std::int64_t asked;          // when
    std::int64_t fetched_until;  // 0: not being fetched
    std::int64_t paused_until;
    plugins::WeatherReport report;  // none if its fetched_us is 0
  };
  struct Bucket {
    Entry entries[ways];
  };

  Entry* bucket_of(plugins::WeatherCell cell);
  Entry* look_up(plugins::WeatherCell cell);
  Entry* make_room(plugins::WeatherCell cell, std::int64_t now, const WeatherTimes& times);
  bool at_limit(std::int64_t now, const WeatherTimes& times);
  bool service_may_be_asked(std::int64_t now, const WeatherTimes& times, std::uint32_t random);

  std::uint64_t buckets_;
  std::uint64_t used_;
  std::int64_t service_paused_until_;
  std::uint32_t service_failures_;  // in a row
  std::uint32_t fetches_;           // in the minute …
  std::int64_t minute_;             // … that began then
};

}  // namespace personalize::module
