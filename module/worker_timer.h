// Something that a worker does later, or again and again.
#pragma once

#include <functional>

#include "module/ngx.h"

namespace personalize::nginx {

/// Calls `work` until it is stopped; what it returns is how many milliseconds later it wants to be called again. If it
/// throws, that is counted and logged, and it is called again in a second. A worker that shuts down does not wait for
/// it.
class WorkerTimer {
 public:
  using Work = std::function<ngx_msec_t(ngx_log_t* log)>;
  /// Returned by work that is done, or that started the timer itself.
  static constexpr ngx_msec_t not_again = NGX_TIMER_INFINITE;

  explicit WorkerTimer(Work work);
  ~WorkerTimer() { stop(); }
  WorkerTimer(const WorkerTimer&) = delete;
  WorkerTimer& operator=(const WorkerTimer&) = delete;

  /// Started before, it is started anew.
  void start(ngx_msec_t delay, ngx_log_t* log);
  void stop();

 private:
  const Work work_;
  ngx_connection_t owner_{};  // what NGINX's debug log wants to find behind an event
  ngx_event_t event_{};
};

}  // namespace personalize::nginx
