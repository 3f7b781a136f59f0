// Log lines that cannot flood error.log, and a guard for everything that NGINX calls.
#pragma once

#include <cstdarg>
#include <exception>

#include "module/ngx.h"
#include "module/status/counters.h"

namespace personalize::module {

/// What a line is about. Each topic may write one line per second and worker; the next line says how many were left
/// out.
enum class Topic : unsigned {
  exception,
  plugin,
  redis,
  redis_outage,
  redis_write,
  decoding,
  rewrite,
  weather,
  location,
  events,
  identity,
  count
};

/// Writes "personalize: …"; false if the topic has already written within this second. `format` is NGINX's own.
bool log_limited(Topic topic, ngx_uint_t level, ngx_log_t* log, const char* format, ...);

/// Returns the result of `work`. If it throws, that is counted and logged, and the result is that of `otherwise`, which
/// lets the page go out without us.
template <class Work, class Otherwise>
auto guarded(ngx_log_t* log, Work&& work, Otherwise&& otherwise) noexcept -> decltype(otherwise()) {
  try {
    return work();
  } catch (const std::exception& error) {
    ++counters().exceptions;
    log_limited(Topic::exception, NGX_LOG_ERR, log, "exception: %s", error.what());
  } catch (...) {
    ++counters().exceptions;
    log_limited(Topic::exception, NGX_LOG_ERR, log, "exception of unknown type");
  }
  return otherwise();
}

/// The same if nothing else is to be done then.
template <class Work>
void guarded(ngx_log_t* log, Work&& work) noexcept {
  guarded(log, std::forward<Work>(work), [] {});
}

}  // namespace personalize::module
