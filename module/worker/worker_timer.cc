#include "module/worker/worker_timer.h"

#include "module/log/log.h"

namespace personalize::module {
namespace {

constexpr ngx_msec_t pause_after_exception = 1000;

}  // namespace

WorkerTimer::WorkerTimer(Work work, AtShutdown at_shutdown) : work_(std::move(work)) {
  owner_.fd = static_cast<ngx_socket_t>(-1);
  owner_.data = this;
  event_.data = &owner_;
  event_.cancelable = at_shutdown == AtShutdown::leaves ? 1 : 0;
  event_.handler = [](ngx_event_t* event) {
    auto* self = static_cast<WorkerTimer*>(static_cast<ngx_connection_t*>(event->data)->data);
    const ngx_msec_t next = guarded(
        event->log, [&] { return self->work_(event->log); }, [] { return pause_after_exception; });
    if (next != not_again) self->start(next, event->log);
  };
}

void WorkerTimer::start(ngx_msec_t delay, ngx_log_t* log) {
  event_.log = log;
  ngx_add_timer(&event_, delay);
}

void WorkerTimer::stop() {
  if (event_.timer_set) ngx_del_timer(&event_);
}

}  // namespace personalize::module
