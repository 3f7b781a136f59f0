// One connection to Redis that looks after itself.
#pragma once

#include <hiredis/async.h>

#include <memory>
#include <span>
#include <vector>

#include "module/conf.h"
#include "module/redis/event_hooks.h"
#include "module/redis/inquiry.h"

namespace personalize::nginx::redis {

/// Connects, authenticates, selects its database and asks for a PONG before any visitor's command is sent; only the very
/// first time commands may queue up behind that. A failed connection comes back after a pause that doubles up to five
/// seconds, with jitter; so does one that answers, but too late for several requests in a row (the breaker). The
/// connection that is tried after a pause costs no visitor anything.
class Connection final : public ContextOwner {
 public:
  Connection(const RedisConf& conf, ngx_log_t* log);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool healthy() const { return state_ == State::ready || (state_ == State::connecting && failures_ == 0); }
  std::size_t in_flight() const { return in_flight_; }

  /// False: nothing was sent.
  bool send(const std::shared_ptr<Inquiry>& inquiry, std::span<const plugins::Fetch> fetches);

  /// A request's deadline passed without its reply.
  void on_missed();
  void on_context_gone() override;

 private:
  enum class State { closed, connecting, ready };

  void set_state(State state);
  void connect();
  void greet();
  void fail(const char* why);
  void close();
  void schedule(ngx_msec_t delay);
  void deliver(Inquiry::Ticket& ticket, const redisReply* reply);
  void on_timer();
  static void on_reply(redisAsyncContext* context, void* reply, void* ticket);
  static void on_greeting(redisAsyncContext* context, void* reply, void* data);
  static void on_connected(const redisAsyncContext* context, int status);

  const RedisConf& conf_;
  ngx_log_t* log_;
  redisAsyncContext* context_ = nullptr;
  State state_ = State::closed;
  bool closing_ = false;
  unsigned greetings_ = 0;         ///< replies that the greeting still waits for
  unsigned failures_ = 0;          ///< since the last reply in time
  unsigned missed_ = 0;            ///< deadlines in a row
  std::size_t in_flight_ = 0;
  std::vector<const char*> arguments_;  ///< of the command that is being sent
  std::vector<std::size_t> lengths_;
  ngx_connection_t timer_owner_;   ///< what NGINX's debug log wants to find behind an event
  ngx_event_t timer_;              ///< the pause while closed, the limit for the greeting while connecting
};

}  // namespace personalize::nginx::redis
