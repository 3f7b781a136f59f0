// One connection to Redis that looks after itself.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/redis/address_ring.h"
#include "engine/redis/breaker.h"
#include "engine/redis/greeting.h"
#include "engine/redis/options.h"
#include "module/redis/outage.h"
#include "module/redis/query.h"
#include "module/redis/wire.h"
#include "module/worker/worker_timer.h"

namespace personalize::module::redis {

using engine::redis::ConnectionOptions;

/// Is told what happens on connections. Must not destroy the connection inside these functions.
class ConnectionListener {
 public:
  virtual ~ConnectionListener() = default;
  /// The reply to `query`, valid during the call; null: `from` did not answer before the connection broke.
  virtual void on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) = 0;
  /// A connection was lost, or could not be made.
  virtual void on_lost() {}
  /// A connection is ready, or ready again.
  virtual void on_ready() {}
};

/// Connects, authenticates, selects its database and gets a PONG before any visitor's query is sent; queries queue up
/// for that only the very first time. A connection that fails is retried at the next of its addresses, after a pause
/// that doubles up to five seconds, with jitter. So is one whose replies come too late for several requests in a row:
/// its breaker is open. A reopened connection is half open, it gets one query at a time until one is answered in time;
/// one that was lost, not late, is also trusted again after it has stayed up for a second. One that says nothing for
/// five seconds, while something is in flight that nobody waits for, is taken for gone.
class Connection final : private WireListener {
 public:
  /// `options`, `tls` (null: none) and `outage` outlive the connection. `addresses`: all of the same server or set of
  /// servers, at least one.
  Connection(const ConnectionOptions& options, const Tls* tls, std::vector<Address> addresses,
             ConnectionListener& listener, Outage& outage, ngx_log_t* log);
  /// Queries in flight are answered as broken.
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool healthy() const;
  /// Half open, and free: it wants the next query.
  bool on_trial() const { return !breaker_.closed() && healthy(); }
  bool ready() const { return state_ == State::ready; }
  bool never_failed() const { return breaker_.closed(); }
  std::size_t in_flight() const { return in_flight_.size(); }
  /// Something that was handed to `send` in this turn of the event loop has not been sent yet.
  bool about_to_send() const { return wire_.about_to_send(); }
  const Address& address() const { return addresses_.current(); }

  /// False: nothing was sent. `asking`: as a cluster's ASK wants it.
  bool send(const std::shared_ptr<Query>& query, bool asking = false);

  /// A request's deadline passed without its reply.
  void on_missed();
  /// Closes the connection, and reconnects later.
  void give_up(const char* why);
  /// To the next of its addresses, if there are several.
  void move_on();
  /// Other addresses from now on; an open connection stays open.
  void set_addresses(std::vector<Address> addresses);

 private:
  enum class State { closed, connecting, ready };

  void connect();
  void greet();
  void on_greeting(const redisReply& reply);
  void set_state(State state);
  void close_breaker();
  void recovered();
  bool is_outage() const;
  void drop(bool doubtful);
  void watch_silence();
  void rest();
  ngx_msec_t on_timer();
  void fail_all();
  void on_open() override { greet(); }
  void on_reply(const redisReply& reply) override;
  void on_broken(const char* why) override;
  void on_oversized() override;
  void refuse_asking(const redisReply& reply);

  const ConnectionOptions& options_;
  const Tls* const tls_;
  engine::redis::AddressRing addresses_;
  ConnectionListener& listener_;
  Outage& outage_;
  ngx_log_t* log_;
  Wire wire_;
  State state_ = State::closed;
  engine::redis::Greeting greeting_;
  engine::redis::Breaker breaker_;
  ngx_msec_t heard_at_ = 0;                       ///< when the last reply came
  bool doubtful_ = false;                         ///< it failed while it was connected: only a reply proves it healthy
  std::deque<std::shared_ptr<Query>> in_flight_;  ///< null: ASKING, of the next one
  std::string early_;                             ///< written before the greeting was over
  /// The pause while closed, the greeting's limit while connecting; trust and silence while ready.
  WorkerTimer timer_;
};

}  // namespace personalize::module::redis
