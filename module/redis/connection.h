// One connection to Redis that looks after itself.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/redis/address_ring.h"
#include "engine/redis/greeting.h"
#include "engine/redis/options.h"
#include "module/redis/outage.h"
#include "module/redis/query.h"
#include "module/redis/wire.h"
#include "module/worker/worker_timer.h"

namespace personalize::module::redis {

using engine::redis::ConnectionOptions;

/// Takes what connections bring. Must not destroy the connection inside of these.
class ConnectionListener {
 public:
  virtual ~ConnectionListener() = default;
  /// The reply to `query`, valid during the call; null: `from` did not answer before the connection broke.
  virtual void on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) = 0;
  /// A connection was lost, or could not be made.
  virtual void on_lost() {}
  /// A connection is there, or there again.
  virtual void on_ready() {}
};

/// Connects, authenticates, selects its database and asks for a PONG before any visitor's query is sent; only the very
/// first time queries may queue up behind that. A connection that fails comes back after a pause that doubles up to
/// five seconds, with jitter, at the next of its addresses; so does one that answers, but too late for several requests
/// in a row: the breaker is open. What comes back is half open, it is given one query at a time until one is answered
/// in time; one that was not late, but gone, is also trusted again when it has stayed for a second. One that
/// says nothing for five seconds, while something is in flight that nobody waits for, is taken for gone.
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
  /// Healthy, but yet to show it: it wants the next query.
  bool on_trial() const { return failures_ != 0 && healthy(); }
  bool ready() const { return state_ == State::ready; }
  bool never_failed() const { return failures_ == 0; }
  std::size_t in_flight() const { return in_flight_.size(); }
  /// What was handed to `send` in this turn of the event loop has not left yet.
  bool about_to_send() const { return wire_.about_to_send(); }
  const Address& address() const { return addresses_.current(); }

  /// False: nothing was sent. `asking`: as a cluster's ASK wants it.
  bool send(const std::shared_ptr<Query>& query, bool asking = false);

  /// A request's deadline passed without its reply.
  void on_missed();
  /// Drops what is there, and comes back later.
  void give_up(const char* why);
  /// To the next of its addresses, if there are several.
  void move_on();
  /// Other addresses from now on; those that are connected stay so.
  void set_addresses(std::vector<Address> addresses);

 private:
  enum class State { closed, connecting, ready };

  void connect();
  void greet();
  void on_greeting(const redisReply& reply);
  void set_state(State state);
  void set_failures(unsigned failures);
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
  unsigned failures_ = 0;                         ///< since the last reply in time
  ngx_msec_t heard_at_ = 0;                       ///< when the last reply came
  unsigned missed_ = 0;                           ///< deadlines in a row
  bool doubtful_ = false;                         ///< it failed while it was connected: only a reply is a proof
  std::deque<std::shared_ptr<Query>> in_flight_;  ///< null: ASKING, of the next one
  std::string early_;                             ///< written before the greeting was over
  WorkerTimer
      timer_;  ///< the pause while closed, the limit for the greeting while connecting; trust and silence while ready
};

}  // namespace personalize::module::redis
