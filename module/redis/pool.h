// One worker's connections to one server.
#pragma once

#include <memory>
#include <vector>

#include "module/redis/connection.h"

namespace personalize::nginx::redis {

/// Connects when it is made, and again, with growing pauses, whenever a connection fails: queries use what is healthy
/// and never wait for a connection to come back.
class Pool {
 public:
  Pool(const Line& line, const std::vector<Address>& addresses, unsigned connections, Reception& reception,
       ngx_log_t* log);
  /// Queries in flight are answered as broken.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// On a healthy connection. False: there is none, nothing was sent.
  bool send(const std::shared_ptr<Query>& query, bool asking = false);
  /// A connection is there, or none has failed yet.
  bool reachable() const;

 private:
  Connection* choose() const;

  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace personalize::nginx::redis
