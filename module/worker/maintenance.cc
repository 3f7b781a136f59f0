#include "module/worker/maintenance.h"

#include <chrono>

#include "module/log/log.h"
#include "module/splicing/plan_zone.h"
#include "module/status/status.h"
#include "module/worker/worker_timer.h"

namespace personalize::module {
namespace {

constexpr ngx_msec_t maintenance_pause = 1000;
constexpr ngx_msec_t pause_while_busy = 5;
constexpr std::chrono::milliseconds max_time_before_serving{20};

MainConf* looked_after = nullptr;

void tell(const plugins::MaintenanceReport& report, ngx_log_t* log) {
  for (const std::string& notice : report.notices)
    ngx_log_error(NGX_LOG_NOTICE, log, 0, "personalize: %s", notice.c_str());
  for (const std::string& warning : report.warnings)  // failures: NGINX's default level is error
    ngx_log_error(NGX_LOG_ERR, log, 0, "personalize: %s", warning.c_str());
}

/// True if a plugin has more to do.
bool maintain(ngx_log_t* log) {
  bool busy = false;
  for (const auto& rules : looked_after->rules) {
    for (const auto& loaded : rules->engines) {
      const plugins::MaintenanceReport report = loaded->revision->engine->maintain();
      tell(report, log);
      busy = busy || report.busy;
    }
    plugins::MaintenanceReport report;
    for (PreparedRules* set : rules->sets()) set->scripts.maintain(report);
    tell(report, log);
  }
  if (busy) return true;
  write_worker_note(*looked_after);
  enter_plan_zone(*looked_after, log);
  return false;
}

/// Plugins work in small steps so as not to delay requests; before there are any, all of it is done at once.
void prepare(ngx_log_t* log) {
  const auto end = std::chrono::steady_clock::now() + max_time_before_serving;
  const auto work = [&] {
    while (maintain(log) && std::chrono::steady_clock::now() < end) {
    }
  };
  guarded(log, work);
}

WorkerTimer maintenance_timer([](ngx_log_t* log) { return maintain(log) ? pause_while_busy : maintenance_pause; });

}  // namespace

void start_maintenance(MainConf& main, ngx_log_t* log) {
  if (main.rules.empty()) return;
  looked_after = &main;
  prepare(log);
  maintenance_timer.start(maintenance_pause, log);
}

void stop_maintenance() { maintenance_timer.stop(); }

}  // namespace personalize::module
