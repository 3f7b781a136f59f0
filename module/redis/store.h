// Where profiles are: one server, a master that Sentinels know, or a cluster. Each worker has one for
// each `personalize_redis`.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "module/conf/conf.h"
#include "module/redis/connection.h"
#include "module/redis/query.h"
#include "module/redis/reply_cache.h"
#include "module/worker/worker_timer.h"

namespace personalize::module::redis {

/// Asks, once for many who ask the same at the same time: those that come while a query is in flight get its reply too,
/// and those that come soon after get the cached one. With a cache that holds for all workers: one of them asks, the
/// others check again and again whether its reply is there. A write drops what the caches have of its key, and later
/// questions get no reply that was asked for before the write was over.
class Store : public ConnectionListener {
 public:
  /// For this configuration; the connections are made at once.
  /// `caches`: all of them, not only those used with this Redis.
  static std::unique_ptr<Store> make(const RedisConf& conf, std::span<const CacheZone> caches, ngx_log_t* log);

  /// Sends all fetches; replies go to `listener`, some before this returns: those in the cache, which are put into
  /// `memory`. `cache` null: none.
  PendingReplies ask(std::span<const plugins::Fetch> fetches, const CacheConf* cache, ReplyListener& listener,
                     rules::Arena& memory);

  /// Writes: commands whose replies nobody waits for.
  void send_without_reply(std::span<const plugins::Fetch> commands);

 protected:
  Store(const RedisConf& conf, ngx_log_t* log);

  /// False: nobody healthy can be asked.
  virtual bool send(const std::shared_ptr<Query>& query) = 0;
  /// Sends, or reports that nobody could be asked.
  void dispatch(const std::shared_ptr<Query>& query);
  /// It has been answered; null: it could not be.
  void finish(Query& query, const redisReply* reply);
  /// Sends a broken query once more if that is safe, and finishes everything else.
  void on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) override;

  const RedisConf& conf_;
  ngx_log_t* log_;

 private:
  struct Flight {
    std::shared_ptr<Query> query;
    const CacheConf* cache;
  };

  using Flights = std::unordered_multimap<std::uint64_t, Flight>;

  bool answer_from_cache(const CacheConf& cache, const ReplyKey& key, std::size_t index, ReplyListener& listener,
                         rules::Arena& memory) const;
  void remember(const CacheConf& cache, const Query& query, const plugins::Reply& reply) const;
  Flights::iterator find_flight(const ReplyKey& key);
  void take_off(const ReplyKey& key, const Flight& flight);
  Flight land(const Query& query);
  static bool may_be_joined(const Flight& flight);
  static bool claim(const Flight& flight);
  void wait_for_other_worker(Flight flight);
  ngx_msec_t look_for_others_replies();
  bool is_settled(const Flight& flight);
  void end_write(const Query& query, bool answered);

  std::span<const CacheZone> caches_;
  /// Those that only read, by the hash of their Redis keys. Of two equal ones only the later is here: the other one is
  /// answered too, but not shared.
  Flights flights_;
  std::vector<Flight> elsewhere_;  ///< of these, those that another worker asks, or that wait for a write
  WorkerTimer look_;
};

/// The store of this worker for `MainConf::redis[number]`; null before the worker is set up and after it is torn down.
Store* store(ngx_uint_t number);
void open_stores(const MainConf& main, ngx_log_t* log);
void close_stores();

}  // namespace personalize::module::redis
