#include "module/redis/lookout.h"

#include <algorithm>

#include "module/log.h"
#include "module/redis/reply.h"

namespace personalize::nginx::redis {
namespace {

constexpr ngx_msec_t shortest_pause = 200;
constexpr ngx_msec_t reaction = 10;  // several connections to one server break within moments

}  // namespace

Lookout::Lookout(const Line& line, std::vector<Address> servers, std::string command, ngx_msec_t pause, Take take,
                 ngx_log_t* log)
    : command_(std::move(command)),
      pause_(pause),
      take_(std::move(take)),
      current_pause_(pause),
      connection_(line, std::move(servers), *this, log) {
  ngx_memzero(&timer_owner_, sizeof(timer_owner_));
  ngx_memzero(&timer_, sizeof(timer_));
  timer_owner_.fd = static_cast<ngx_socket_t>(-1);
  timer_owner_.data = this;
  timer_.data = &timer_owner_;
  timer_.log = log;
  timer_.cancelable = 1;  // a worker that shuts down does not wait for it
  timer_.handler = [](ngx_event_t* event) {
    auto* self = static_cast<Lookout*>(static_cast<ngx_connection_t*>(event->data)->data);
    guarded(
        event->log, [&] { self->on_timer(); }, [] {});
  };
  ngx_add_timer(&timer_, pause);
}

Lookout::~Lookout() {
  if (timer_.timer_set) ngx_del_timer(&timer_);
}

void Lookout::alarm() {
  if (std::exchange(alarmed_, true)) return;
  current_pause_ = shortest_pause;
  const ngx_msec_t since = ngx_current_msec - asked_at_;
  ngx_add_timer(&timer_, std::max(reaction, shortest_pause - std::min(shortest_pause, since)));
}

void Lookout::ask() {
  if (asked_ != nullptr || !connection_.ready()) return;
  asked_ = std::make_shared<Query>(command_, 0, false);
  asked_at_ = ngx_current_msec;
  if (!connection_.send(asked_)) asked_.reset();
}

void Lookout::on_timer() {
  if (asked_ != nullptr) {
    connection_.give_up("does not say where the others are");
  } else if (!satisfied_) {
    satisfied_ = true;
    connection_.move_on();  // asks when it is there
  } else {
    ask();
  }
  if (alarmed_) current_pause_ = std::min(pause_, 2 * current_pause_);
  ngx_add_timer(&timer_, current_pause_);
}

void Lookout::on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) {
  if (query == asked_) asked_.reset();
  if (reply == nullptr) return;  // on_lost follows
  with_plain_reply(reply, limits_of_a_cluster, [&](const plugins::Reply& plain) { satisfied_ = take_(plain, from); });
  if (!satisfied_) return alarm();
  alarmed_ = false;
  current_pause_ = pause_;
}

void Lookout::on_lost() { take_({}, connection_.address()); }

}  // namespace personalize::nginx::redis
