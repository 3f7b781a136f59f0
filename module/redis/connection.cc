#include "module/redis/connection.h"

#include <algorithm>
#include <cstring>

#include "module/log.h"
#include "module/redis/command.h"

namespace personalize::nginx::redis {
namespace {

constexpr ngx_msec_t greeting_limit = 1000;
constexpr ngx_msec_t shortest_pause = 50;
constexpr ngx_msec_t longest_pause = 5000;
constexpr unsigned misses_until_open = 5;
constexpr std::size_t most_in_flight = 8192;

bool is_error(const redisReply& reply) { return reply.type == REDIS_REPLY_ERROR; }

/// ROLE answers ["master", …] or ["slave", …].
bool is_replica(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ARRAY && reply.elements > 0 && reply.element[0]->type == REDIS_REPLY_STRING &&
         std::strcmp(reply.element[0]->str, "master") != 0;
}

}  // namespace

Connection::Connection(const Line& line, std::vector<Address> addresses, Reception& reception, ngx_log_t* log)
    : line_(line),
      addresses_(std::move(addresses)),
      reception_(reception),
      log_(log),
      wire_(*this, log),
      timer_([this](ngx_log_t*) { return on_timer(); }) {
  timer_.start(0, log);  // not from inside of the owner's constructor: it may hear at once that it failed
}

Connection::~Connection() {
  timer_.stop();
  wire_.close();
  set_state(State::closed);
  set_failures(0);
  fail_all();
}

bool Connection::healthy() const {
  if (in_flight_.size() >= most_in_flight) return false;
  if (failures_ == 0) return true;
  return state_ == State::ready && in_flight_.empty();  // half open
}

void Connection::set_state(State state) {
  if (state_ == State::ready && state != State::ready) --counters().redis_ready;
  if (state_ != State::ready && state == State::ready) ++counters().redis_ready;
  state_ = state;
}

void Connection::set_failures(unsigned failures) {
  if (failures_ == 0 && failures != 0) ++counters().redis_broken;
  if (failures_ != 0 && failures == 0) --counters().redis_broken;
  failures_ = failures;
}

void Connection::connect() {
  set_state(State::connecting);
  missed_ = 0;
  timer_.start(greeting_limit, log_);
  wire_.open(address(), line_.tls, line_.largest_reply);
}

void Connection::greet() {
  std::string words;
  greetings_ = 0;
  auto ask = [&](std::initializer_list<std::string_view> command) {
    words += encode(command);
    ++greetings_;
  };
  if (!line_.login.password.empty()) {
    if (line_.login.user.empty())
      ask({"AUTH", line_.login.password});
    else
      ask({"AUTH", line_.login.user, line_.login.password});
  }
  if (line_.database != 0) ask({"SELECT", std::to_string(line_.database)});
  if (line_.master_only) ask({"ROLE"});
  ask({"PING"});
  wire_.write(words);
}

void Connection::on_greeting(const redisReply& reply) {
  // Its PING and, before it, its ROLE, which the user may not be allowed to ask.
  const bool of_role = line_.master_only && greetings_ == 2;
  if (is_error(reply) && !of_role) return give_up(reply.str);  // wrong password, loading, …
  if (of_role && is_replica(reply)) return give_up("is no master");
  if (--greetings_ != 0) return;
  timer_.stop();
  set_state(State::ready);
  if (failures_ != 0) ++counters().redis_recoveries;
  if (!wire_.write(std::exchange(early_, {}))) return give_up("cannot take what waits");
  reception_.on_ready();
}

bool Connection::send(const std::shared_ptr<Query>& query, bool asking) {
  const bool early = state_ != State::ready;
  auto write = [&](std::string_view bytes) {
    if (!early) return wire_.write(bytes);
    early_ += bytes;
    return true;
  };
  if (asking) {
    if (!write(encode({"ASKING"}))) return false;
    in_flight_.push_back(nullptr);
  }
  if (!write(query->bytes())) return false;
  in_flight_.push_back(query);
  query->sent_on(this);
  return true;
}

void Connection::on_reply(const redisReply& reply) {
  if (state_ == State::connecting) return on_greeting(reply);
  if (in_flight_.empty()) return give_up("said something that nobody asked for");
  const std::shared_ptr<Query> query = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (query == nullptr) return;
  query->sent_on(nullptr);
  if (!query->overdue()) {
    missed_ = 0;
    set_failures(0);
  }
  if (is_error(reply)) ++counters().redis_errors;
  reception_.on_answer(query, address(), &reply);
}

void Connection::on_missed() {
  ++counters().redis_timeouts;
  ++missed_;
  if (missed_ >= (failures_ == 0 ? misses_until_open : 1)) give_up("replies come too late");
}

void Connection::give_up(const char* why) {
  const std::string reason = why;  // may be in a reply of the wire
  wire_.close();
  on_broken(reason.c_str());
}

void Connection::move_on() {
  if (addresses_.size() == 1 || state_ == State::closed) return;
  wire_.close();
  set_state(State::closed);
  fail_all();
  current_ = (current_ + 1) % addresses_.size();
  timer_.start(0, log_);
}

void Connection::on_broken(const char* why) {
  if (state_ == State::closed) return;
  complain(Topic::redis, NGX_LOG_ERR, log_, "redis %s, %s: %s", line_.name.c_str(), address().text().c_str(), why);
  set_state(State::closed);
  ++counters().redis_disconnects;
  rest();
  current_ = (current_ + 1) % addresses_.size();
  fail_all();
  reception_.on_lost();
}

/// Nothing is wrong with the server: only who asked for this goes without, and must not ask again.
void Connection::on_oversized() {
  if (in_flight_.empty()) return on_broken("said too much");
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
  reception_.on_answer(query, address(), &error);
}

/// The pause until the next attempt.
void Connection::rest() {
  const ngx_msec_t pause = std::min(longest_pause, shortest_pause << std::min(failures_, 10u));
  ++failures_;
  timer_.start(pause / 2 + static_cast<ngx_msec_t>(ngx_random()) % pause, log_);
}

void Connection::fail_all() {
  early_.clear();
  const Address from = address();
  for (const auto& query : std::exchange(in_flight_, {})) {
    if (query == nullptr) continue;
    query->sent_on(nullptr);
    reception_.on_answer(query, from, nullptr);
  }
}

void Connection::set_addresses(std::vector<Address> addresses) {
  const Address now = address();
  const auto same = std::find(addresses.begin(), addresses.end(), now);
  if (same == addresses.end() && state_ != State::closed) addresses.insert(addresses.begin(), now);
  const auto found = std::find(addresses.begin(), addresses.end(), now);
  current_ = found == addresses.end() ? 0 : static_cast<std::size_t>(found - addresses.begin());
  addresses_ = std::move(addresses);
}

ngx_msec_t Connection::on_timer() {
  if (state_ == State::connecting)
    give_up("no greeting within a second");
  else if (state_ == State::closed)
    connect();
  return WorkerTimer::not_again;
}

}  // namespace personalize::nginx::redis
