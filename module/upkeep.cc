#include "module/upkeep.h"

#include "module/log.h"

namespace personalize::nginx {
namespace {

constexpr ngx_msec_t pause = 1000;
constexpr ngx_msec_t pause_while_busy = 5;

ngx_connection_t timer_owner;  // what NGINX's debug log wants to find behind an event
ngx_event_t timer;
MainConf* looked_after = nullptr;

/// True if a plugin has more to do.
bool maintain(ngx_log_t* log) {
  bool busy = false;
  for (const auto& loaded : looked_after->engines) {
    const plugins::Upkeep upkeep = loaded->edition->engine->maintain();
    for (const std::string& notice : upkeep.notices)
      ngx_log_error(NGX_LOG_NOTICE, log, 0, "personalize: %s", notice.c_str());
    for (const std::string& warning : upkeep.warnings)
      ngx_log_error(NGX_LOG_WARN, log, 0, "personalize: %s", warning.c_str());
    busy = busy || upkeep.busy;
  }
  return busy;
}

void on_timer(ngx_event_t* event) {
  const bool busy = guarded(
      event->log, [&] { return maintain(event->log); }, [] { return false; });
  ngx_add_timer(event, busy ? pause_while_busy : pause);
}

}  // namespace

void start_upkeep(MainConf& main, ngx_log_t* log) {
  if (main.engines.empty()) return;
  looked_after = &main;
  timer_owner.fd = static_cast<ngx_socket_t>(-1);
  timer.data = &timer_owner;
  timer.log = log;
  timer.handler = on_timer;
  timer.cancelable = 1;  // a worker that shuts down does not wait for it
  ngx_add_timer(&timer, pause);
}

void stop_upkeep() {
  if (timer.timer_set) ngx_del_timer(&timer);
  looked_after = nullptr;
}

}  // namespace personalize::nginx
