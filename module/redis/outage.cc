#include "module/redis/outage.h"

#include <xxhash.h>

#include "module/log/log.h"
#include "module/status/status.h"

namespace personalize::module::redis {

Outage::Outage(const std::string& subject, ngx_log_t* log)
    : id_(XXH3_64bits(subject.data(), subject.size())), log_(log) {}

Outage::~Outage() {
  const bool goes_on = ngx_exiting || ngx_terminate || ngx_quit;  // for the next workers
  if (told_ && !goes_on) end_outage(id_);
}

void Outage::begin(const std::string& who, const char* why) {
  const bool first = !told_ && begin_outage(id_);
  if (!first && !missed_) return;
  if (log_limited(Topic::redis_outage, NGX_LOG_ERR, log_, "redis %s: %s", who.c_str(), why)) {
    missed_ = false;
    told_ = told_ || first;
  } else if (first) {
    end_outage(id_);  // the next attempt that fails may log it
  }
}

void Outage::end(const std::string& who, const char* what) {
  const bool ours = end_outage(id_) || told_;
  told_ = missed_ = false;
  // At the level of the line that it ends, and never left out: a log that reports an outage must report its end.
  if (ours) ngx_log_error(NGX_LOG_ERR, log_, 0, "personalize: redis %s: %s", who.c_str(), what);
}

}  // namespace personalize::module::redis
