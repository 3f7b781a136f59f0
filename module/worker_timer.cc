#include "module/worker_timer.h"

namespace personalize::nginx {

void WorkerTimer::start(ngx_msec_t delay, ngx_log_t* log) {
  owner_.fd = static_cast<ngx_socket_t>(-1);
  owner_.data = this;
  event_.data = &owner_;
  event_.log = log;
  event_.cancelable = 1;
  event_.handler = [](ngx_event_t* event) {
    auto* self = static_cast<WorkerTimer*>(static_cast<ngx_connection_t*>(event->data)->data);
    const ngx_msec_t next = self->work_(event->log);
    ngx_add_timer(event, next);
  };
  ngx_add_timer(&event_, delay);
}

void WorkerTimer::stop() {
  if (event_.timer_set) ngx_del_timer(&event_);
}

}  // namespace personalize::nginx
