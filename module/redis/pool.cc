#include "module/redis/pool.h"

#include "module/counters.h"
#include "module/redis/connection.h"

namespace personalize::nginx::redis {

Pool::Pool(const RedisConf& conf, ngx_log_t* log) {
  for (unsigned i = 0; i < conf.connections; ++i) connections_.push_back(std::make_unique<Connection>(conf, log));
}

Pool::~Pool() = default;

std::shared_ptr<Inquiry> Pool::ask(std::span<const plugins::Fetch> fetches, Listener& listener) {
  Connection* least_busy = nullptr;
  for (const auto& connection : connections_) {
    if (!connection->healthy()) continue;
    if (least_busy == nullptr || connection->in_flight() < least_busy->in_flight()) least_busy = connection.get();
  }
  if (least_busy == nullptr) {
    ++counters().redis_refused;
    return nullptr;
  }
  auto inquiry = std::make_shared<Inquiry>(&listener);
  return least_busy->send(inquiry, fetches) ? inquiry : nullptr;
}

namespace {
std::vector<std::unique_ptr<Pool>>* pools = nullptr;  // a pointer: nothing for static destructors to do
}

Pool* pool(ngx_uint_t number) { return pools != nullptr && number < pools->size() ? (*pools)[number].get() : nullptr; }

void open_pools(const MainConf& main, ngx_log_t* log) {
  pools = new std::vector<std::unique_ptr<Pool>>;
  for (const auto& conf : main.redis) pools->push_back(std::make_unique<Pool>(*conf, log));
}

void close_pools() {
  delete pools;
  pools = nullptr;
}

}  // namespace personalize::nginx::redis
