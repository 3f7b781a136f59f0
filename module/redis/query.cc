#include "module/redis/query.h"

#include <utility>

#include "engine/redis/topology.h"
#include "module/redis/connection.h"

namespace personalize::module::redis {

bool Query::try_again() { return repeatable_ && wanted() && !std::exchange(repeated_, true); }

bool Query::follow_redirect() { return (wanted() || !repeatable_) && redirects_++ < engine::redis::max_redirects; }

void Query::leave(const ReplyListener& listener, bool missed) {
  if (std::erase_if(waiters_, [&](const Waiter& waiter) { return waiter.listener == &listener; }) == 0) return;
  if (!missed || std::exchange(overdue_, true) || connection_ == nullptr) return;
  connection_->on_missed();
}

void Query::answer(const plugins::Reply& reply) {
  while (!waiters_.empty()) {  // one by one: a listener may go away while another is called
    const Waiter waiter = waiters_.back();
    waiters_.pop_back();
    waiter.listener->on_reply(waiter.index, reply);
  }
}

PendingReplies& PendingReplies::operator=(PendingReplies&& other) noexcept {
  forget(false);
  listener_ = other.listener_;
  queries_ = std::exchange(other.queries_, {});
  return *this;
}

void PendingReplies::leave(bool missed) {
  for (const auto& query : std::exchange(queries_, {})) query->leave(*listener_, missed);
}

}  // namespace personalize::module::redis
