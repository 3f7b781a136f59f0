#include "module/redis/connection.h"

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "engine/redis/command.h"
#include "module/log/log.h"

namespace personalize::module::redis {
namespace {

constexpr ngx_msec_t greeting_limit = 1000;
constexpr std::size_t max_addresses_in_silence = 4;
constexpr ngx_msec_t time_to_trust = 1000;
constexpr ngx_msec_t max_silence = 5000;
constexpr std::size_t max_in_flight = 8192;

bool is_error(const redisReply& reply) { return reply.type == REDIS_REPLY_ERROR; }

}  // namespace

Connection::Connection(const ConnectionOptions& options, const Tls* tls, std::vector<Address> addresses,
                       ConnectionListener& listener, Outage& outage, ngx_log_t* log)
    : options_(options),
      tls_(tls),
      addresses_(std::move(addresses)),
      listener_(listener),
      outage_(outage),
      log_(log),
      wire_(*this, log),
      greeting_(options),
      timer_([this](ngx_log_t*) { return on_timer(); }) {
  timer_.start(0, log);  // not inside the owner's constructor, which could be told of a failure at once
}

Connection::~Connection() {
  timer_.stop();
  wire_.close();
  set_state(State::closed);
  close_breaker();
  fail_all();
}

bool Connection::healthy() const {
  if (in_flight_.size() >= max_in_flight) return false;
  if (breaker_.closed()) return true;
  return state_ == State::ready && in_flight_.empty();  // half open
}

void Connection::set_state(State state) {
  if (state_ == State::ready && state != State::ready) add_to(GaugeName::redis_ready, -1);
  if (state_ != State::ready && state == State::ready) add_to(GaugeName::redis_ready, 1);
  state_ = state;
}

void Connection::close_breaker() {
  if (!breaker_.closed()) add_to(GaugeName::redis_broken, -1);
  breaker_.close();
}

void Connection::recovered() {
  if (breaker_.closed()) return;
  close_breaker();
  outage_.end(options_.at(address()));
}

void Connection::connect() {
  assert(state_ == State::closed && !wire_.is_open());
  set_state(State::connecting);
  breaker_.in_time();
  timer_.start(greeting_limit, log_);
  wire_.open(address(), tls_, options_.max_reply_bytes);
}

void Connection::greet() { wire_.write(greeting_.begin()); }

void Connection::on_greeting(const redisReply& reply) {
  const auto over = greeting_.on_reply(reply);
  if (!over) return give_up(over.error().c_str());
  if (!*over) return;
  timer_.stop();
  set_state(State::ready);
  if (!breaker_.closed()) {
    ++counters().redis_recoveries;
    timer_.start(time_to_trust, log_);
  } else {
    outage_.end(options_.at(address()));  // one that a worker reported before it died
  }
  if (!wire_.write(std::exchange(early_, {}))) return give_up("takes no more commands");
  listener_.on_ready();
}

bool Connection::send(const std::shared_ptr<Query>& query, bool asking) {
  const bool early = state_ != State::ready;
  auto write = [&](std::string_view bytes) {
    if (!early) return wire_.write(bytes);
    early_ += bytes;
    return true;
  };
  if (in_flight_.empty()) heard_at_ = ngx_current_msec;  // a server that is not asked is not silent
  if (asking) {
    if (!write(engine::redis::encode({"ASKING"}))) return false;
    in_flight_.push_back(nullptr);
  }
  if (!write(query->bytes())) return false;
  in_flight_.push_back(query);
  if (state_ == State::ready && !timer_.active()) timer_.start(max_silence, log_);
  query->sent_on(this);
  return true;
}

void Connection::on_reply(const redisReply& reply) {
  if (state_ == State::connecting) return on_greeting(reply);
  if (in_flight_.empty()) return give_up("sent a reply that nobody asked for");
  heard_at_ = ngx_current_msec;
  const std::shared_ptr<Query> query = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (query == nullptr) return refuse_asking(reply);
  query->sent_on(nullptr);
  if (!query->overdue()) {
    breaker_.in_time();
    recovered();
  }
  if (is_error(reply)) ++counters().redis_errors;
  listener_.on_answer(query, address(), &reply);
}

/// The query that follows will be redirected once more: this is why.
void Connection::refuse_asking(const redisReply& reply) {
  if (is_error(reply) && !in_flight_.empty()) in_flight_.front()->asking_failed({reply.str, reply.len});
}

void Connection::on_missed() {
  ++counters().redis_timeouts;
  if (breaker_.late()) give_up("replies come too late");
}

void Connection::give_up(const char* why) {
  if (state_ == State::closed) return;
  const std::string reason = why;  // may be in a reply of the wire
  wire_.close();
  const bool was_ready = state_ == State::ready;
  if (was_ready || is_outage()) outage_.begin(options_.at(address()), reason.c_str());
  drop(was_ready);
}

void Connection::move_on() {
  if (addresses_.size() == 1 || state_ == State::closed) return;
  wire_.close();
  set_state(State::closed);
  fail_all();
  addresses_.advance();
  timer_.start(0, log_);
}

void Connection::on_broken(const char* why) {
  if (state_ == State::closed) return;
  if (is_outage()) outage_.begin(options_.at(address()), why);
  drop(false);
}

/// Not if the server closes an unused connection, or if other addresses are still to be tried.
bool Connection::is_outage() const {
  if (state_ == State::ready) return !in_flight_.empty();
  return breaker_.failures() + 1 >= std::min<std::size_t>(addresses_.size(), max_addresses_in_silence);
}

void Connection::drop(bool doubtful) {
  doubtful_ = doubtful;
  set_state(State::closed);
  ++counters().redis_disconnects;
  rest();
  addresses_.advance();
  fail_all();
  listener_.on_lost();
}

/// Nothing is wrong with the server: only this query fails, and is not sent again.
void Connection::on_oversized() {
  if (in_flight_.empty()) return on_broken("sent too much");
  static char text[] = "ERR reply too large";
  static redisReply error = [] {
    redisReply reply = {};
    reply.type = REDIS_REPLY_ERROR;
    reply.str = text;
    reply.len = sizeof(text) - 1;
    return reply;
  }();
  const std::shared_ptr<Query> query = std::move(in_flight_.front());
  in_flight_.pop_front();
  set_state(State::closed);
  ++counters().redis_errors;
  timer_.start(0, log_);
  fail_all();
  if (query == nullptr) return;
  query->sent_on(nullptr);
  listener_.on_answer(query, address(), &error);
}

/// The pause until the next attempt.
void Connection::rest() {
  if (breaker_.closed()) add_to(GaugeName::redis_broken, 1);
  timer_.start(breaker_.open(static_cast<std::uint64_t>(ngx_random())), log_);
}

void Connection::fail_all() {
  early_.clear();
  const Address from = address();
  for (const auto& query : std::exchange(in_flight_, {})) {
    if (query == nullptr) continue;
    query->sent_on(nullptr);
    listener_.on_answer(query, from, nullptr);
  }
}

void Connection::set_addresses(std::vector<Address> addresses) {
  addresses_.replace(std::move(addresses), state_ != State::closed);
}

void Connection::watch_silence() {
  if (!doubtful_) recovered();
  if (in_flight_.empty()) return;
  const ngx_msec_t silence = ngx_current_msec - heard_at_;
  if (silence >= max_silence) return give_up("does not answer");
  timer_.start(max_silence - silence, log_);
}

ngx_msec_t Connection::on_timer() {
  switch (state_) {
    case State::connecting: give_up("no greeting within a second"); break;
    case State::closed: connect(); break;
    case State::ready: watch_silence(); break;
  }
  return WorkerTimer::not_again;
}

}  // namespace personalize::module::redis
