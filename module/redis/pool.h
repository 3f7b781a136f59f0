// One worker's connections to one server.
#pragma once

#include <memory>
#include <vector>

#include "engine/redis/topology.h"
#include "module/redis/connection.h"
#include "module/redis/outage.h"

namespace personalize::module::redis {

/// Connects at once, and again, with growing pauses, whenever a connection fails: queries use healthy connections and
/// never wait for one to come back. Writes, for which nobody waits, get one more connection of their own with the first
/// of them: reads that come too late do not take them along.
class Pool final : public engine::redis::Server {
 public:
  Pool(const ConnectionOptions& options, const Tls* tls, const std::vector<Address>& addresses, unsigned connections,
       ConnectionListener& listener, ngx_log_t* log);
  /// Queries in flight are answered as broken.
  ~Pool() override;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// On a healthy connection. False: there is none, nothing was sent.
  bool send(const std::shared_ptr<Query>& query, bool asking = false);
  /// A connection is there, or none has failed yet.
  bool reachable() const override;
  /// It is given up because others have its data now.
  void dismiss() override;

 private:
  Connection* choose() const;
  Connection* choose_for_write();

  const ConnectionOptions& options_;
  const Tls* const tls_;
  const std::vector<Address> addresses_;
  ConnectionListener& listener_;
  ngx_log_t* log_;
  Outage outage_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::unique_ptr<Connection> writer_;
};

}  // namespace personalize::module::redis
