#include "module/redis/connection.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "module/log.h"
#include "module/redis/reply.h"

namespace personalize::nginx::redis {
namespace {

constexpr ngx_msec_t greeting_limit = 1000;
constexpr ngx_msec_t shortest_pause = 50;
constexpr ngx_msec_t longest_pause = 5000;
constexpr unsigned misses_until_open = 5;

}  // namespace

void Inquiry::forget(bool missed) {
  if (listener_ == nullptr) return;
  listener_ = nullptr;
  overdue_ = missed;
  if (missed && connection_ != nullptr) connection_->on_missed();
}

Connection::Connection(const RedisConf& conf, ngx_log_t* log) : conf_(conf), log_(log) {
  ngx_memzero(&timer_owner_, sizeof(timer_owner_));
  ngx_memzero(&timer_, sizeof(timer_));
  timer_owner_.fd = static_cast<ngx_socket_t>(-1);
  timer_owner_.data = this;
  timer_.data = &timer_owner_;
  timer_.log = log;
  timer_.cancelable = 1;  // a worker that shuts down does not wait for it
  timer_.handler = [](ngx_event_t* event) {
    auto* self = static_cast<Connection*>(static_cast<ngx_connection_t*>(event->data)->data);
    guarded(event->log, [&] { self->on_timer(); }, [] {});
  };
  connect();
}

Connection::~Connection() {
  closing_ = true;
  close();
  if (timer_.timer_set) ngx_del_timer(&timer_);
}

void Connection::set_state(State state) {
  if (state_ == State::ready) --counters().redis_ready;
  if (state == State::ready) ++counters().redis_ready;
  state_ = state;
}

void Connection::connect() {
  redisAsyncContext* context = conf_.path.empty() ? redisAsyncConnect(conf_.host.c_str(), conf_.port)
                                                  : redisAsyncConnectUnix(conf_.path.c_str());
  if (context == nullptr || context->err != 0 || !attach(context, *this, log_)) {
    complain(Topic::redis, NGX_LOG_ERR, log_, "redis %s: %s", conf_.name.c_str(),
             context != nullptr && context->err != 0 ? context->errstr : "no connection");
    if (context != nullptr) redisAsyncFree(context);
    on_context_gone();
    return;
  }
  context_ = context;
  context_->data = this;
  set_state(State::connecting);
  missed_ = 0;
  schedule(greeting_limit);
  redisAsyncSetConnectCallback(context_, on_connected);
  greet();
}

void Connection::greet() {
  auto ask = [this](std::initializer_list<std::string_view> words) {
    std::array<const char*, 3> arguments;
    std::array<std::size_t, 3> lengths;
    std::size_t count = 0;
    for (std::string_view word : words) {
      arguments[count] = word.data();
      lengths[count++] = word.size();
    }
    if (redisAsyncCommandArgv(context_, on_greeting, this, static_cast<int>(count), arguments.data(), lengths.data()) ==
        REDIS_OK) {
      ++greetings_;
    }
  };
  greetings_ = 0;
  if (!conf_.password.empty()) {
    if (conf_.user.empty()) ask({"AUTH", conf_.password});
    else ask({"AUTH", conf_.user, conf_.password});
  }
  if (conf_.database != 0) ask({"SELECT", std::to_string(conf_.database)});
  ask({"PING"});
}

void Connection::on_connected(const redisAsyncContext* context, int status) {
  auto* self = static_cast<Connection*>(context->data);
  if (status != REDIS_OK) {
    complain(Topic::redis, NGX_LOG_ERR, self->log_, "redis %s: %s", self->conf_.name.c_str(), context->errstr);
  } else if (self->conf_.path.empty()) {
    redisEnableKeepAlive(const_cast<redisContext*>(&context->c));
  }
}

void Connection::on_greeting(redisAsyncContext* context, void* data, void*) {
  auto* self = static_cast<Connection*>(context->data);
  auto* reply = static_cast<redisReply*>(data);
  if (reply == nullptr || self->state_ != State::connecting) return;  // on_context_gone follows, or has been
  if (reply->type == REDIS_REPLY_ERROR) return self->fail(reply->str);  // wrong password, loading, …
  if (--self->greetings_ != 0) return;
  self->set_state(State::ready);
  if (self->timer_.timer_set) ngx_del_timer(&self->timer_);
}

bool Connection::send(const std::shared_ptr<Inquiry>& inquiry, std::span<const plugins::Fetch> fetches) {
  if (context_ == nullptr) return false;
  for (std::size_t i = 0; i < fetches.size(); ++i) {
    arguments_.clear();
    lengths_.clear();
    for (std::string_view argument : fetches[i].command) {
      arguments_.push_back(argument.data());
      lengths_.push_back(argument.size());
    }
    auto* ticket = new Inquiry::Ticket{inquiry, i};
    if (redisAsyncCommandArgv(context_, on_reply, ticket, static_cast<int>(arguments_.size()), arguments_.data(),
                              lengths_.data()) != REDIS_OK) {
      delete ticket;
      if (i == 0) return false;
      inquiry->forget(false);
      return false;
    }
    ++in_flight_;
    ++counters().redis_queries;
  }
  inquiry->connection_ = this;
  return true;
}

void Connection::on_reply(redisAsyncContext* context, void* data, void* ticket_data) {
  std::unique_ptr<Inquiry::Ticket> ticket(static_cast<Inquiry::Ticket*>(ticket_data));
  auto* self = static_cast<Connection*>(context->data);
  guarded(self->log_, [&] { self->deliver(*ticket, static_cast<redisReply*>(data)); }, [] {});
}

void Connection::deliver(Inquiry::Ticket& ticket, const redisReply* reply) {
  --in_flight_;
  Inquiry& inquiry = *ticket.inquiry;
  if (reply == nullptr) inquiry.connection_ = nullptr;
  if (reply != nullptr && !inquiry.overdue()) {
    missed_ = 0;
    failures_ = 0;
  }
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) {
    ++counters().redis_errors;
    complain(Topic::redis, NGX_LOG_WARN, log_, "redis %s: %s", conf_.name.c_str(), reply->str);
  }
  if (inquiry.listener() != nullptr && !closing_) {
    with_plain_reply(reply, [&](const plugins::Reply& plain) { inquiry.listener()->on_reply(ticket.index, plain); });
  }
}

void Connection::on_missed() {
  ++missed_;
  // After a failure the connection is on probation: one miss is enough.
  if (missed_ < (failures_ == 0 ? misses_until_open : 1)) return;
  fail("replies come too late");
}

void Connection::fail(const char* why) {
  complain(Topic::redis, NGX_LOG_ERR, log_, "redis %s: %s", conf_.name.c_str(), why);
  set_state(State::closed);  // from now on nobody asks
  schedule(0);             // freed by the timer: this may be inside one of hiredis' callbacks
}

void Connection::close() {
  if (context_ != nullptr) redisAsyncFree(context_);
}

void Connection::on_context_gone() {
  context_ = nullptr;
  set_state(State::closed);
  if (closing_) return;
  ++counters().redis_disconnects;
  ngx_msec_t pause = std::min(longest_pause, shortest_pause << std::min(failures_, 10u));
  ++failures_;
  schedule(pause / 2 + static_cast<ngx_msec_t>(ngx_random()) % pause);
}

void Connection::schedule(ngx_msec_t delay) { ngx_add_timer(&timer_, delay); }

void Connection::on_timer() {
  if (state_ == State::connecting) {
    complain(Topic::redis, NGX_LOG_ERR, log_, "redis %s: no greeting within %M ms", conf_.name.c_str(), greeting_limit);
  }
  if (context_ != nullptr) close();
  else connect();
}

}  // namespace personalize::nginx::redis
