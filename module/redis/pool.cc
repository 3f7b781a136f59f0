#include "module/redis/pool.h"

#include <algorithm>
#include <utility>

#include "module/status/counters.h"

namespace personalize::nginx::redis {

Pool::Pool(const Line& line, const std::vector<Address>& addresses, unsigned connections, Reception& reception,
           ngx_log_t* log) {
  for (unsigned i = 0; i < connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(line, addresses, reception, log));
  }
}

Pool::~Pool() {
  // Who is told that its query broke may try again here, and must find nobody.
  const auto doomed = std::exchange(connections_, {});
}

bool Pool::send(const std::shared_ptr<Query>& query, bool asking) {
  Connection* connection = choose();
  if (connection == nullptr || !connection->send(query, asking)) return false;
  ++counters().redis_queries;
  return true;
}

/// The healthy one that has least to do, unless another one will send something at the end of this turn anyway: what
/// comes together goes out, and comes back, together.
Connection* Pool::choose() const {
  Connection* least_busy = nullptr;
  for (const auto& connection : connections_) {
    if (!connection->healthy()) continue;
    if (connection->about_to_send()) return connection.get();
    if (least_busy == nullptr || connection->in_flight() < least_busy->in_flight()) least_busy = connection.get();
  }
  return least_busy;
}

bool Pool::reachable() const {
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const auto& connection) { return connection->ready() || connection->never_failed(); });
}

}  // namespace personalize::nginx::redis
