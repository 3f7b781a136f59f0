#include "module/redis/topology_store.h"

#include <utility>

namespace personalize::module::redis {
namespace {

constexpr std::size_t max_early = 1024;

}  // namespace

TopologyStore::TopologyStore(const RedisConf& conf, ngx_log_t* log)
    : Store(conf, log),
      servers_(
          conf,
          [this](const ConnectionOptions& options, const std::vector<Address>& addresses) {
            return std::make_unique<Pool>(options, conf_.tls, addresses, conf_.connections, *this, log_);
          },
          [this] { release_early(); }, log) {}

TopologyStore::~TopologyStore() {
  // Those that wait try again, and must find nobody.
  const auto doomed = servers_.give_up();
}

bool TopologyStore::send(const std::shared_ptr<Query>& query) {
  if (servers_.known()) {
    auto* pool = static_cast<Pool*>(servers_.route(query->slot()));
    return pool != nullptr && pool->send(query);
  }
  if (servers_.hopeless() || early_.size() == max_early) {
    servers_.on_refused();
    return false;
  }
  early_.push_back(query);
  return true;
}

void TopologyStore::on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) {
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) {
    if (!query->asking_failure().empty()) return refuse(query, from);
    if (follow(query, from, {reply->str, reply->len})) return;
  }
  Store::on_answer(query, from, reply);
}

/// False: the error is the answer.
bool TopologyStore::follow(const std::shared_ptr<Query>& query, const Address& from, std::string_view error) {
  const auto advice = servers_.on_error(error, query->slot(), from);
  if (advice.server == nullptr || !query->follow_redirect()) return false;
  return static_cast<Pool*>(advice.server)->send(query, advice.asking);
}

/// It was to be let in where its slot is moving to, and was sent back: it would run in circles.
void TopologyStore::refuse(const std::shared_ptr<Query>& query, const Address& from) {
  std::string why = engine::redis::refused_asking(query->asking_failure());
  redisReply error = {};
  error.type = REDIS_REPLY_ERROR;
  error.str = why.data();
  error.len = why.size();
  Store::on_answer(query, from, &error);
}

/// Those that waited go out, or have waited in vain, as would others.
void TopologyStore::release_early() {
  for (const auto& query : std::exchange(early_, {})) dispatch(query);
}

}  // namespace personalize::module::redis
