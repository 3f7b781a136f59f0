// Work that a worker does later, or repeatedly.
#pragma once

#include <functional>

#include "module/ngx.h"

namespace personalize::module {

/// Calls `work` until it is stopped; `work` returns after how many milliseconds it is to be called again. If it throws,
/// that is counted and logged, and it is called again after a second.
class WorkerTimer {
 public:
  using Work = std::function<ngx_msec_t(ngx_log_t* log)>;
  /// Returned by work that is done, or that started the timer itself.
  static constexpr ngx_msec_t not_again = NGX_TIMER_INFINITE;

  /// Whether a worker that shuts down goes although the timer runs.
  enum class AtShutdown : bool { leaves, stays };

  explicit WorkerTimer(Work work, AtShutdown at_shutdown = AtShutdown::leaves);
  ~WorkerTimer() { stop(); }
  WorkerTimer(const WorkerTimer&) = delete;
  WorkerTimer& operator=(const WorkerTimer&) = delete;

  /// Restarts a timer that was started before.
  void start(ngx_msec_t delay, ngx_log_t* log);
  void stop();
  bool active() const { return event_.timer_set; }

 private:
  const Work work_;
  ngx_connection_t owner_{};  // NGINX's debug log expects an event to have a connection
  ngx_event_t event_{};
};

}  // namespace personalize::module
