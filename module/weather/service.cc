#include "module/weather/service.h"

#include <algorithm>

#include "module/log/log.h"

namespace personalize::module {
namespace {

constexpr std::size_t max_under_way =
    16;  // at a time in a worker, so that a service that hangs cannot use up its connections

std::int64_t now_us() {
  const ngx_time_t* now = ngx_timeofday();
  return static_cast<std::int64_t>(now->sec) * 1'000'000 + static_cast<std::int64_t>(now->msec) * 1'000;
}

std::uint32_t random_bits() { return static_cast<std::uint32_t>(ngx_random()) << 1; }

void count_lookup(const WeatherTable::Answer& answer) {
  if (!answer.report)
    ++counters().weather_unknown;
  else if (answer.stale)
    ++counters().weather_stale;
  else
    ++counters().weather_fresh;
}

const char* describe(DetachedEnd end) {
  switch (end) {
    case DetachedEnd::answered: return "an answer that cannot be understood";
    case DetachedEnd::status: return "status";
    case DetachedEnd::too_large: return "an answer that is too long";
    case DetachedEnd::encoded: return "a compressed answer";
    case DetachedEnd::late: return "no complete answer in time";
    case DetachedEnd::broken: return "no complete answer";
  }
  return "";
}

}  // namespace

WeatherService::WeatherService(const WeatherConf& conf) : conf_(conf) {
  ngx_memzero(&start_, sizeof(start_));
  start_.data = this;
  start_.handler = on_start;
}

WeatherService::~WeatherService() {
  if (start_.posted) {
    ngx_delete_posted_event(&start_);
  }
}

std::optional<plugins::WeatherReport> WeatherService::find(plugins::WeatherCell cell, std::int64_t now) {
  const WeatherTable::Answer answer = look_up(cell, now);
  count_lookup(answer);
  if (answer.over_limit) {
    ++counters().weather_limited;
    log_limited(Topic::weather, NGX_LOG_WARN, ngx_cycle->log,
                "weather from %s: %ui requests in a minute, no more until the next (max_fetches)", conf_.uri.c_str(),
                static_cast<ngx_uint_t>(conf_.times.max_fetches));
  }
  if (answer.fetch) fetch_later(cell);
  return answer.report;
}

WeatherTable::Answer WeatherService::look_up(plugins::WeatherCell cell, std::int64_t now) const {
  if (conf_.zone.root() == nullptr) return {};  // the configuration is still being read
  const bool may_fetch = !ngx_exiting && detached_requests() + wanted_.size() < max_under_way;
  return Locked(conf_.zone)->find(cell, now, conf_.times, may_fetch, random_bits());
}

void WeatherService::fetch_later(plugins::WeatherCell cell) {
  wanted_.push_back(cell);
  start_.log = ngx_cycle->log;
  ngx_post_event(&start_, &ngx_posted_events);
}

void WeatherService::on_start(ngx_event_t* event) {
  auto& service = *static_cast<WeatherService*>(event->data);
  for (plugins::WeatherCell cell : std::exchange(service.wanted_, {})) {
    guarded(
        event->log, [&] { service.fetch(cell); }, [&] { Locked(service.conf_.zone)->gave_back(cell); });
  }
}

void WeatherService::fetch(plugins::WeatherCell cell) {
  ++counters().weather_fetches;
  send_detached({.server = conf_.server,
                 .uri = conf_.uri,
                 .args = plugins::weather_query(conf_.format, cell),
                 .timeout = conf_.timeout,
                 .max_bytes = plugins::max_weather_bytes},
                std::make_unique<WeatherFetch>(*this, cell));
}

namespace {

/// In microseconds; only where the status says that there were too many requests, or that the service is down.
std::int64_t retry_after(const DetachedAnswer& answer) {
  constexpr std::int64_t max_seconds = 86400;  // far beyond the longest pause
  if (answer.status != 429 && answer.status != NGX_HTTP_SERVICE_UNAVAILABLE) return 0;
  return std::min(answer.retry_after_s, max_seconds) * 1'000'000;
}

}  // namespace

void WeatherService::take(plugins::WeatherCell cell, const DetachedAnswer& answer) {
  std::optional<plugins::WeatherReport> report;
  if (answer.end == DetachedEnd::answered) report = plugins::parse_weather(conf_.format, answer.body);
  const std::int64_t now = now_us();
  if (!report) {
    Locked(conf_.zone)->failed(cell, now, conf_.times, random_bits(), retry_after(answer));
    return count_failure(cell, answer);
  }
  report->fetched_us = now;
  const bool recovered = Locked(conf_.zone)->fetched(cell, *report);
  if (!recovered) return;
  ++counters().weather_recoveries;
  log_limited(Topic::weather, NGX_LOG_NOTICE, ngx_cycle->log, "weather from %s is back", conf_.uri.c_str());
}

void WeatherService::count_failure(plugins::WeatherCell cell, const DetachedAnswer& answer) {
  if (ngx_exiting) return;  // not the service's fault
  switch (answer.end) {
    case DetachedEnd::status: ++counters().weather_refused; break;
    case DetachedEnd::late:
    case DetachedEnd::broken: ++counters().weather_broken; break;
    default: ++counters().weather_unreadable; break;
  }
  const std::string query = plugins::weather_query(conf_.format, cell);
  const bool status = answer.end == DetachedEnd::status;
  log_limited(Topic::weather, NGX_LOG_WARN, ngx_cycle->log, "weather from %s?%s: %s%s", conf_.uri.c_str(),
              query.c_str(), describe(answer.end), status ? (" " + std::to_string(answer.status)).c_str() : "");
}

}  // namespace personalize::module
