#include "module/redis/pool.h"

#include <algorithm>
#include <utility>

#include "module/status/counters.h"

namespace personalize::module::redis {

Pool::Pool(const ConnectionOptions& options, const Tls* tls, const std::vector<Address>& addresses,
           unsigned connections, ConnectionListener& listener, ngx_log_t* log)
    : options_(options),
      tls_(tls),
      addresses_(addresses),
      listener_(listener),
      log_(log),
      outage_(options.key + ' ' + addresses.front().text(), log) {
  for (unsigned i = 0; i < connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(options, tls, addresses, listener, outage_, log));
  }
}

Pool::~Pool() {
  // Those that are told of a broken query may try again here, and must find no connection.
  const auto doomed = std::exchange(connections_, {});
  const auto writer = std::exchange(writer_, nullptr);
}

bool Pool::send(const std::shared_ptr<Query>& query, bool asking) {
  Connection* connection = query->is_write() ? choose_for_write() : choose();
  if (connection == nullptr || !connection->send(query, asking)) {
    outage_.on_refused();
    return false;
  }
  ++counters().redis_queries;
  return true;
}

/// The least busy of the healthy ones, unless another one will send something at the end of this turn anyway: queries
/// that come together travel together. A half-open one comes first, or it would stay so while the others suffice.
Connection* Pool::choose() const {
  Connection* least_busy = nullptr;
  for (const auto& connection : connections_) {
    if (!connection->healthy()) continue;
    if (connection->on_trial()) return connection.get();
    if (connection->about_to_send()) return connection.get();
    if (least_busy == nullptr || connection->in_flight() < least_busy->in_flight()) least_busy = connection.get();
  }
  return least_busy;
}

Connection* Pool::choose_for_write() {
  const bool gone = connections_.empty();  // this pool is being destroyed
  if (writer_ == nullptr && !gone)
    writer_ = std::make_unique<Connection>(options_, tls_, addresses_, listener_, outage_, log_);
  return writer_ != nullptr && writer_->healthy() ? writer_.get() : choose();
}

void Pool::dismiss() { outage_.end(options_.at(addresses_.front()), "is not the master any more"); }

bool Pool::reachable() const {
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const auto& connection) { return connection->ready() || connection->never_failed(); });
}

}  // namespace personalize::module::redis
