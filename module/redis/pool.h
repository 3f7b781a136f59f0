// One worker's connections to one Redis.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "module/conf.h"
#include "module/redis/inquiry.h"

namespace personalize::nginx::redis {

class Connection;

/// Connects when it is made, and again, with growing pauses, whenever a connection fails: requests use what is healthy
/// and never wait for a connection to come back.
class Pool {
 public:
  Pool(const RedisConf& conf, ngx_log_t* log);
  ~Pool();

  /// Sends all fetches, pipelined, on one connection; replies go to `listener`. Null: no connection is healthy, nothing
  /// was sent.
  std::shared_ptr<Inquiry> ask(std::span<const plugins::Fetch> fetches, Listener& listener);

 private:
  std::vector<std::unique_ptr<Connection>> connections_;
};

/// The pool of this worker for `MainConf::redis[number]`; null before the worker is set up and after it is torn down.
Pool* pool(ngx_uint_t number);
void open_pools(const MainConf& main, ngx_log_t* log);
void close_pools();

}  // namespace personalize::nginx::redis
