#include "module/redis/store.h"

#include <xxhash.h>

#include <array>
#include <memory_resource>
#include <utility>

#include "engine/redis/command.h"
#include "engine/redis/key_slot.h"
#include "engine/redis/packed_reply.h"
#include "engine/redis/plain_reply.h"
#include "module/log/log.h"
#include "module/redis/cache_zone.h"
#include "module/redis/topology_store.h"

namespace personalize::module::redis {
namespace {

constexpr ngx_msec_t pause_between_looks = 1;

std::uint64_t hash(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

ReplyKey reply_key(const Query& query) { return {engine::redis::key_of(query.bytes()), query.key()}; }

std::optional<plugins::Reply> find_reply(const CacheConf& cache, const ReplyKey& key, rules::Arena& memory) {
  const std::optional<std::string_view> packed = find_in_cache(cache, key, memory);
  return packed ? engine::redis::unpack(*packed, memory) : std::nullopt;
}

}  // namespace

Store::Store(const RedisConf& conf, ngx_log_t* log)
    : conf_(conf), log_(log), look_([this](ngx_log_t*) { return look_for_others_replies(); }) {}

std::unique_ptr<Store> Store::make(const RedisConf& conf, std::span<const CacheZone> caches, ngx_log_t* log) {
  std::unique_ptr<Store> store = std::make_unique<TopologyStore>(conf, log);
  store->caches_ = caches;
  return store;
}

PendingReplies Store::ask(std::span<const plugins::Fetch> fetches, const CacheConf* cache, ReplyListener& listener,
                          rules::Arena& memory) {
  PendingReplies pending(listener);
  for (std::size_t i = 0; i < fetches.size(); ++i) {
    const auto command = fetches[i].command;
    if (command.empty()) continue;  // a location's
    const ReplyKey key{command.size() > 1 ? command[1] : "", engine::redis::encode(conf_.identity, command, memory)};
    const bool repeatable = engine::redis::repeatable(command[0]);
    if (repeatable && cache != nullptr && answer_from_cache(*cache, key, i, listener, memory)) continue;
    const auto known = repeatable ? find_flight(key) : flights_.end();
    if (known != flights_.end() && may_be_joined(known->second)) {
      ++counters().redis_shared;
      known->second.query->join(listener, i);
      pending.add(known->second.query);
      continue;
    }
    auto query = std::make_shared<Query>(std::string(key.command), conf_.identity.size(),
                                         engine::redis::slot_of(key.redis_key), repeatable);
    query->join(listener, i);
    const Flight flight{query, cache};
    if (repeatable) take_off(key, flight);
    if (!repeatable || cache == nullptr || claim(flight))
      dispatch(query);
    else
      wait_for_other_worker(flight);
    pending.add(std::move(query));
  }
  return pending;
}

void Store::send_without_reply(std::span<const plugins::Fetch> commands) {
  for (const plugins::Fetch& one : commands) {
    const std::string_view key = one.command[1];
    redis::begin_write(caches_, key);
    // Those with a cache notice by themselves that they must not be joined any more.
    const auto [first, last] = flights_.equal_range(hash(key));
    for (auto flight = first; flight != last;)
      flight = flight->second.cache == nullptr ? flights_.erase(flight) : std::next(flight);
    dispatch(std::make_shared<Query>(engine::redis::encode(one.command), 0, engine::redis::slot_of(key), false, true));
  }
}

void Store::dispatch(const std::shared_ptr<Query>& query) {
  if (send(query)) return;
  if (!query->writes()) ++counters().redis_refused;
  finish(*query, nullptr);
}

/// `answered`: not lost on the way.
void Store::end_write(const Query& query, bool answered) {
  redis::end_write(caches_, engine::redis::key_of(query.bytes()));
  if (answered || ngx_exiting) return;
  ++counters().redis_writes_lost;
  log_limited(Topic::redis_write, NGX_LOG_WARN, log_,
              "redis %s: a write of a plugin was lost, as Redis cannot be reached", conf_.name.c_str());
}

void Store::on_answer(const std::shared_ptr<Query>& query, const Address&, const redisReply* reply) {
  if (reply == nullptr && query->try_again()) return dispatch(query);
  finish(*query, reply);
}

void Store::finish(Query& query, const redisReply* reply) {
  const Flight flight = land(query);
  if (query.writes()) end_write(query, reply != nullptr);
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) {
    log_limited(Topic::redis, NGX_LOG_WARN, log_, "redis %s: %s", conf_.label.c_str(), reply->str);
  }
  engine::redis::with_plain_reply(reply, engine::redis::limits_of_a_profile, [&](const plugins::Reply& plain) {
    if (flight.cache != nullptr) remember(*flight.cache, query, plain);
    query.answer(plain);
  });
}

Store::Flights::iterator Store::find_flight(const ReplyKey& key) {
  auto [flight, last] = flights_.equal_range(hash(key.redis_key));
  while (flight != last && flight->second.query->key() != key.command) ++flight;
  return flight != last ? flight : flights_.end();
}

void Store::take_off(const ReplyKey& key, const Flight& flight) {
  if (const auto before = find_flight(key); before != flights_.end())
    before->second = flight;
  else
    flights_.emplace(hash(key.redis_key), flight);
}

/// Takes it out of those in flight; what is returned keeps it alive while its waiters are told.
Store::Flight Store::land(const Query& query) {
  const auto flight = query.writes() ? flights_.end() : find_flight(reply_key(query));
  if (flight == flights_.end() || flight->second.query.get() != &query) return {};
  Flight landed = std::move(flight->second);
  flights_.erase(flight);
  return landed;
}

/// Its reply may be given to those that ask now.
bool Store::may_be_joined(const Flight& flight) {
  const Query& query = *flight.query;
  if (query.overdue()) return false;
  return flight.cache == nullptr || query.asked() == 0 ||
         current_in_cache(*flight.cache, engine::redis::key_of(query.bytes()), query.asked());
}

/// True if it is to be sent now.
bool Store::claim(const Flight& flight) {
  const std::optional<ReplyCache::Moment> asked = claim_in_cache(*flight.cache, reply_key(*flight.query));
  flight.query->set_asked(asked.value_or(0));
  return asked.has_value();
}

void Store::wait_for_other_worker(Flight flight) {
  if (elsewhere_.empty()) look_.start(pause_between_looks, log_);
  elsewhere_.push_back(std::move(flight));
}

ngx_msec_t Store::look_for_others_replies() {
  std::vector<Flight> left;
  for (Flight& flight : std::exchange(elsewhere_, {})) {
    if (!is_settled(flight)) left.push_back(std::move(flight));
  }
  elsewhere_.insert(elsewhere_.end(), left.begin(), left.end());
  return elsewhere_.empty() ? WorkerTimer::not_again : pause_between_looks;
}

/// True if nothing more is to be waited for: the other worker's reply is there, it did not get one and it is our turn
/// to ask, or nobody wants it any more.
bool Store::is_settled(const Flight& flight) {
  if (!flight.query->wanted()) {
    land(*flight.query);
    return true;
  }
  std::array<std::byte, 1024> buffer;
  std::pmr::monotonic_buffer_resource memory(buffer.data(), buffer.size());
  const ReplyKey key = reply_key(*flight.query);
  if (const auto reply = find_reply(*flight.cache, key, memory)) {
    ++counters().redis_shared;
    land(*flight.query);
    flight.query->answer(*reply);
    return true;
  }
  if (!claim(flight)) return false;
  dispatch(flight.query);
  return true;
}

bool Store::answer_from_cache(const CacheConf& cache, const ReplyKey& key, std::size_t index, ReplyListener& listener,
                              rules::Arena& memory) const {
  const auto reply = find_reply(cache, key, memory);
  ++(reply ? counters().profile_cache_hits : counters().profile_cache_misses);
  if (reply) listener.on_cached_reply(index, *reply);
  return reply.has_value();
}

/// Errors are not remembered: the next attempt may succeed.
void Store::remember(const CacheConf& cache, const Query& query, const plugins::Reply& reply) const {
  using Kind = plugins::Reply::Kind;
  if (reply.kind == Kind::absent || reply.kind == Kind::error)
    release_in_cache(cache, reply_key(query));
  else
    write_to_cache(cache, reply_key(query), engine::redis::pack(reply), query.asked());
}

namespace {
std::vector<std::unique_ptr<Store>>* stores = nullptr;  // a pointer: nothing for static destructors to do
}

Store* store(ngx_uint_t number) {
  return stores != nullptr && number < stores->size() ? (*stores)[number].get() : nullptr;
}

void open_stores(const MainConf& main, ngx_log_t* log) {
  stores = new std::vector<std::unique_ptr<Store>>;
  for (const auto& conf : main.redis) stores->push_back(Store::make(*conf, main.profile_caches, log));
}

void close_stores() {
  delete stores;
  stores = nullptr;
}

}  // namespace personalize::module::redis
