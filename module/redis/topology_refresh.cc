#include "module/redis/topology_refresh.h"

#include <algorithm>

#include "engine/redis/plain_reply.h"
#include "module/log/log.h"

namespace personalize::module::redis {
namespace {

constexpr ngx_msec_t min_lookout_pause = 200;
constexpr ngx_msec_t reaction = 10;  // several connections to one server break within moments

}  // namespace

TopologyRefresh::TopologyRefresh(const ConnectionOptions& options, const Tls* tls, std::vector<Address> servers,
                                 std::string command, ngx_msec_t pause, TakeReply take_reply, ngx_log_t* log)
    : command_(std::move(command)),
      pause_(pause),
      take_reply_(std::move(take_reply)),
      current_pause_(pause),
      log_(log),
      timer_([this](ngx_log_t*) { return on_timer(); }),
      outage_(options.key, log),
      connection_(options, tls, std::move(servers), *this, outage_, log) {
  timer_.start(pause, log);
}

void TopologyRefresh::alarm() {
  if (std::exchange(alarmed_, true)) return;
  current_pause_ = min_lookout_pause;
  const ngx_msec_t since = ngx_current_msec - asked_at_;
  timer_.start(std::max(reaction, min_lookout_pause - std::min(min_lookout_pause, since)), log_);
}

void TopologyRefresh::ask() {
  if (asked_ != nullptr || !connection_.ready()) return;
  asked_ = std::make_shared<Query>(command_, 0, 0, false);
  asked_at_ = ngx_current_msec;
  if (!connection_.send(asked_)) asked_.reset();
}

ngx_msec_t TopologyRefresh::on_timer() {
  if (asked_ != nullptr) {
    connection_.give_up("does not say where the servers are");
  } else if (!satisfied_) {
    satisfied_ = true;
    connection_.move_on();  // asks when it is there
  } else {
    ask();
  }
  if (alarmed_) current_pause_ = std::min(pause_, 2 * current_pause_);
  return current_pause_;
}

void TopologyRefresh::on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) {
  if (query == asked_) asked_.reset();
  if (reply == nullptr) return;  // on_lost follows
  engine::redis::with_plain_reply(reply, engine::redis::limits_of_a_cluster,
                                  [&](const plugins::Reply& plain) { satisfied_ = take_reply_(plain, from); });
  if (!satisfied_) return alarm();
  alarmed_ = false;
  current_pause_ = pause_;
}

void TopologyRefresh::on_lost() { take_reply_({}, connection_.address()); }

}  // namespace personalize::module::redis
