#include "module/weather/table.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

namespace personalize::module {
namespace {

constexpr std::int64_t minute = 60'000'000;

/// `until` lies ahead, but no further than it can have been set: clocks may be set back.
bool ahead(std::int64_t until, std::int64_t now, std::int64_t longest) { return until > now && until - now <= longest; }

/// Doubled by every failure after the first, up to the longest; up to a quarter more or less at random, so that what
/// failed together is not retried together.
std::int64_t pause_after(std::uint32_t failures, const WeatherTimes& times, std::uint32_t random) {
  const std::uint32_t doublings = std::min<std::uint32_t>(failures == 0 ? 0 : failures - 1, 20);
  const std::int64_t pause = std::min(times.pause << doublings, times.max_pause);
  return pause - pause / 4 + static_cast<std::int64_t>(static_cast<double>(pause) / 2 * (random / 4294967296.0));
}

std::int64_t max_pause_with_jitter(const WeatherTimes& times) { return times.max_pause + times.max_pause / 4; }

}  // namespace

WeatherTable* WeatherTable::in(void* memory, std::size_t size) {
  if (size < sizeof(WeatherTable) + sizeof(Bucket)) return nullptr;
  auto* table = std::launder(static_cast<WeatherTable*>(memory));
  table->buckets_ = (size - sizeof(WeatherTable)) / sizeof(Bucket);
  return table;
}

WeatherTable::Entry* WeatherTable::bucket_of(plugins::WeatherCell cell) {
  assert(buckets_ > 0);
  std::uint64_t key = static_cast<std::uint16_t>(cell.latitude);
  key = key << 16 | static_cast<std::uint16_t>(cell.longitude);
  key *= 0x9e3779b97f4a7c15;  // neighbours go to different buckets
  return reinterpret_cast<Bucket*>(this + 1)[(key >> 32) % buckets_].entries;
}

WeatherTable::Entry* WeatherTable::look_up(plugins::WeatherCell cell) {
  Entry* bucket = bucket_of(cell);
  Entry* found = std::find_if(bucket, bucket + ways, [&](const Entry& e) { return e.used && e.cell == cell; });
  return found == bucket + ways ? nullptr : found;
}

WeatherTable::Entry* WeatherTable::make_room(plugins::WeatherCell cell, std::int64_t now, const WeatherTimes& times) {
  Entry* bucket = bucket_of(cell);
  Entry* oldest = nullptr;
  for (Entry* entry = bucket; entry != bucket + ways; ++entry) {
    if (entry->used && ahead(entry->fetched_until, now, times.fetching)) continue;
    if (!oldest || !entry->used || (oldest->used && entry->asked < oldest->asked)) oldest = entry;
  }
  if (!oldest) return nullptr;  // all of them are being fetched
  if (!oldest->used) ++used_;
  assert(used_ <= capacity());
  *oldest = Entry{
      .used = true, .failures = 0, .cell = cell, .asked = now, .fetched_until = 0, .paused_until = 0, .report = {}};
  return oldest;
}

bool WeatherTable::service_may_be_asked(std::int64_t now, const WeatherTimes& times, std::uint32_t random) {
  if (ahead(service_paused_until_, now, max_pause_with_jitter(times))) return false;
  if (service_failures_ < failures_of_a_broken_service) return true;
  service_paused_until_ = now + pause_after(service_failures_ - failures_of_a_broken_service + 1, times, random);
  return true;
}

/// Nothing more may be fetched in this minute. A minute begins with its first fetch.
bool WeatherTable::at_limit(std::int64_t now, const WeatherTimes& times) {
  if (!ahead(minute_ + minute, now, minute)) {
    minute_ = now;
    fetches_ = 0;
  }
  return fetches_ >= times.max_fetches;
}

WeatherTable::Answer WeatherTable::find(plugins::WeatherCell cell, std::int64_t now, const WeatherTimes& times,
                                        bool may_fetch, std::uint32_t random) {
  Entry* entry = look_up(cell);
  const bool limited = may_fetch && at_limit(now, times);
  Answer answer;
  if (!entry && limited) answer.over_limit = true;
  if (!entry && may_fetch && !limited) entry = make_room(cell, now, times);
  if (!entry) return answer;
  entry->asked = now;
  const std::int64_t age = now - entry->report.fetched_us;
  const bool fresh = entry->report.fetched_us != 0 && age >= 0 && age < times.fresh;
  if (entry->report.fetched_us != 0 && age < times.usable) answer.report = entry->report;
  answer.stale = !fresh && answer.report;
  const bool busy =
      ahead(entry->fetched_until, now, times.fetching) || ahead(entry->paused_until, now, max_pause_with_jitter(times));
  answer.over_limit = limited && !fresh && !busy;
  if (fresh || busy || !may_fetch || limited || !service_may_be_asked(now, times, random)) return answer;
  entry->fetched_until = now + times.fetching;
  ++fetches_;
  answer.fetch = true;
  return answer;
}

bool WeatherTable::fetched(plugins::WeatherCell cell, const plugins::WeatherReport& report) {
  bool recovered = std::exchange(service_failures_, 0) >= failures_of_a_broken_service;
  service_paused_until_ = 0;
  Entry* entry = look_up(cell);
  if (!entry) return recovered;
  recovered = std::exchange(entry->failures, 0) != 0 || recovered;
  entry->report.fetched_us = 0;  // none while it is written
  plugins::WeatherReport written = report;
  const std::int64_t fetched = std::exchange(written.fetched_us, 0);
  entry->report = written;
  entry->report.fetched_us = fetched;
  entry->fetched_until = entry->paused_until = 0;
  return recovered;
}

void WeatherTable::failed(plugins::WeatherCell cell, std::int64_t now, const WeatherTimes& times, std::uint32_t random,
                          std::int64_t retry_after) {
  if (service_failures_ < UINT32_MAX) ++service_failures_;
  if (retry_after > 0) service_paused_until_ = now + std::min(retry_after, times.max_pause);
  Entry* entry = look_up(cell);
  if (!entry) return;
  if (entry->failures < UINT8_MAX) ++entry->failures;
  entry->fetched_until = 0;
  entry->paused_until = now + pause_after(entry->failures, times, random);
}

void WeatherTable::gave_back(plugins::WeatherCell cell) {
  if (Entry* entry = look_up(cell)) entry->fetched_until = 0;
}

}  // namespace personalize::module
