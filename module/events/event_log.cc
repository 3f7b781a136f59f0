#include "module/events/event_log.h"

#include <array>

#include "module/events/file_log.h"
#include "module/events/stream_log.h"
#include "module/status/counters.h"

namespace personalize::module {

std::string_view to_string(Dropped reason) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Dropped::last) + 1> names = {
      "queue_full", "unconfirmed", "out_of_memory", "refused", "disk", "too_large", "shutdown"};
  return names[static_cast<std::size_t>(reason)];
}

void count_dropped(Dropped reason, std::size_t events) {
  counters().events_dropped[static_cast<std::size_t>(reason)] += events;
}

void open_event_logs(MainConf& main, ngx_log_t* log) {
  for (const auto& conf : main.event_logs) {
    if (conf->kind == EventLogConf::Kind::file)
      conf->log = std::make_unique<FileLog>(*conf->file, log);
    else
      conf->log = std::make_unique<StreamLog>(*conf, log);
  }
}

void close_event_logs(MainConf& main) {
  for (const auto& conf : main.event_logs) conf->log.reset();
}

}  // namespace personalize::module
