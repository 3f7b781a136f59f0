#include "module/redis/store.h"

#include <utility>

#include "module/log.h"
#include "module/redis/cache_zone.h"
#include "module/redis/cluster.h"
#include "module/redis/command.h"
#include "module/redis/packed_reply.h"
#include "module/redis/reply.h"
#include "module/redis/sentinel.h"
#include "module/redis/single.h"

namespace personalize::nginx::redis {

std::unique_ptr<Store> Store::make(const RedisConf& conf, ngx_log_t* log) {
  switch (conf.kind) {
    case RedisConf::Kind::sentinel: return std::make_unique<SentinelStore>(conf, log);
    case RedisConf::Kind::cluster: return std::make_unique<ClusterStore>(conf, log);
    case RedisConf::Kind::single: break;
  }
  return std::make_unique<SingleStore>(conf, log);
}

Inquiry Store::ask(std::span<const plugins::Fetch> fetches, const CacheConf* cache, Listener& listener) {
  Inquiry inquiry(listener);
  for (std::size_t i = 0; i < fetches.size(); ++i) {
    const auto command = fetches[i].command;
    std::string bytes = encode(command);
    const bool repeatable = redis::repeatable(command[0]);
    if (repeatable && cache != nullptr && answer_from_cache(*cache, bytes, i, listener)) continue;
    if (repeatable) {
      const auto flight = flights_.find(bytes);
      if (flight != flights_.end() && !flight->second.query->overdue()) {
        ++counters().redis_shared;
        flight->second.query->join(listener, i);
        inquiry.add(flight->second.query);
        continue;
      }
      if (flight != flights_.end()) flights_.erase(flight);
    }
    auto query = std::make_shared<Query>(std::move(bytes), slot_of(command.size() > 1 ? command[1] : ""), repeatable);
    query->join(listener, i);
    if (repeatable) flights_.emplace(query->bytes(), Flight{query, cache});
    dispatch(query);
    inquiry.add(std::move(query));
  }
  return inquiry;
}

void Store::tell(std::span<const plugins::Fetch> commands) {
  for (const plugins::Fetch& one : commands)
    dispatch(std::make_shared<Query>(encode(one.command), slot_of(one.command[1]), false));
}

void Store::dispatch(const std::shared_ptr<Query>& query) {
  if (send(query)) return;
  ++counters().redis_refused;
  finish(*query, nullptr);
}

void Store::on_answer(const std::shared_ptr<Query>& query, const Address&, const redisReply* reply) {
  if (reply == nullptr && query->try_again()) return dispatch(query);
  finish(*query, reply);
}

void Store::finish(Query& query, const redisReply* reply) {
  const CacheConf* cache = nullptr;
  std::shared_ptr<Query> kept;  // alive while its waiters are told
  const auto flight = flights_.find(query.bytes());
  if (flight != flights_.end() && flight->second.query.get() == &query) {
    cache = flight->second.cache;
    kept = std::move(flight->second.query);
    flights_.erase(flight);
  }
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) {
    complain(Topic::redis, NGX_LOG_WARN, log_, "redis %s: %s", conf_.name.c_str(), reply->str);
  }
  with_plain_reply(reply, limits_of_a_profile, [&](const plugins::Reply& plain) {
    if (cache != nullptr) remember(*cache, query, plain);
    query.answer(plain);
  });
}

bool Store::answer_from_cache(const CacheConf& cache, std::string_view bytes, std::size_t index,
                              Listener& listener) const {
  const std::optional<std::string> packed = find_in_cache(cache, conf_.identity, bytes);
  const bool found =
      packed && with_unpacked_reply(*packed, [&](const plugins::Reply& reply) { listener.on_reply(index, reply); });
  ++(found ? counters().cache_hits : counters().cache_misses);
  return found;
}

/// Errors are not remembered: what is wrong may be right again at once.
void Store::remember(const CacheConf& cache, const Query& query, const plugins::Reply& reply) const {
  using Kind = plugins::Reply::Kind;
  if (reply.kind == Kind::absent || reply.kind == Kind::error) return;
  write_to_cache(cache, conf_.identity, query.bytes(), pack(reply));
}

namespace {
std::vector<std::unique_ptr<Store>>* stores = nullptr;  // a pointer: nothing for static destructors to do
}

Store* store(ngx_uint_t number) {
  return stores != nullptr && number < stores->size() ? (*stores)[number].get() : nullptr;
}

void open_stores(const MainConf& main, ngx_log_t* log) {
  stores = new std::vector<std::unique_ptr<Store>>;
  for (const auto& conf : main.redis) stores->push_back(Store::make(*conf, log));
}

void close_stores() {
  delete stores;
  stores = nullptr;
}

}  // namespace personalize::nginx::redis
