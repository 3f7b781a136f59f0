// Log lines that cannot flood error.log, and the guard around everything that NGINX calls.
#pragma once

#include <cstdarg>
#include <exception>

#include "module/ngx.h"
#include "module/status/counters.h"

namespace personalize::nginx {

/// What a line is about. Every topic may write one line per second and worker; the next one tells how many were left
/// out.
enum class Topic : unsigned { exception, plugin, redis, inflate, rewrite, weather, count };

/// Writes "personalize: …", unless the topic wrote within this second. `format` is NGINX's own.
void complain(Topic topic, ngx_uint_t level, ngx_log_t* log, const char* format, ...);

/// Runs `work` and gives its result, or `otherwise()` if it throws: counted, logged, the page goes on without us.
template <class Work, class Otherwise>
auto guarded(ngx_log_t* log, Work&& work, Otherwise&& otherwise) noexcept -> decltype(otherwise()) {
  try {
    return work();
  } catch (const std::exception& error) {
    ++counters().exceptions;
    complain(Topic::exception, NGX_LOG_ERR, log, "exception: %s", error.what());
  } catch (...) {
    ++counters().exceptions;
    complain(Topic::exception, NGX_LOG_ERR, log, "exception of unknown type");
  }
  return otherwise();
}

}  // namespace personalize::nginx
