// Something that a worker does again and again.
#pragma once

#include "module/ngx.h"

namespace personalize::nginx {

/// Calls `work` until it is stopped; what it returns is how many milliseconds later it wants to be called again. A
/// worker that shuts down does not wait for it.
class WorkerTimer {
 public:
  using Work = ngx_msec_t (*)(ngx_log_t* log);
  explicit WorkerTimer(Work work) : work_(work) {}

  void start(ngx_msec_t delay, ngx_log_t* log);
  void stop();

 private:
  Work work_;
  ngx_connection_t owner_{};  // what NGINX's debug log wants to find behind an event
  ngx_event_t event_{};
};

}  // namespace personalize::nginx
