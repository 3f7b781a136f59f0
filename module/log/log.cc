#include "module/log/log.h"

#include <array>

namespace personalize::module {
namespace {

struct Limit {
  time_t second = 0;
  unsigned suppressed = 0;
};

std::array<Limit, static_cast<unsigned>(Topic::count)> limits;  // of this worker

}  // namespace

bool log_limited(Topic topic, ngx_uint_t level, ngx_log_t* log, const char* format, ...) {
  if (log->log_level < level) return true;
  Limit& limit = limits[static_cast<unsigned>(topic)];
  if (limit.second == ngx_time()) {
    ++limit.suppressed;
    return false;
  }
  u_char text[NGX_MAX_ERROR_STR / 2];
  va_list arguments;
  va_start(arguments, format);
  u_char* end = ngx_vslprintf(text, text + sizeof(text), format, arguments);
  va_end(arguments);
  if (limit.suppressed != 0) {
    ngx_log_error(level, log, 0, "personalize: %*s (%ui more like it were not logged)", static_cast<size_t>(end - text),
                  text, static_cast<ngx_uint_t>(limit.suppressed));
  } else {
    ngx_log_error(level, log, 0, "personalize: %*s", static_cast<size_t>(end - text), text);
  }
  limit = {ngx_time(), 0};
  return true;
}

}  // namespace personalize::module
