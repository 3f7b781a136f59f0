// personalize_events_log: where events are written down, by those who make them.
//
//     if (EventLog* log = event_log(*location_conf(r))) log->append(visitor, line);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "module/conf/conf.h"

namespace personalize::module {

/// Of one worker. What is appended goes out at the end of this turn of the event loop, all of it at once; nobody waits
/// for it, nothing is written twice, and what cannot be written is counted, by reason.
class EventLog {
 public:
  virtual ~EventLog() = default;
  /// `line`: the event as learn/events/event_json.h writes it, without a line's end; it is copied. False: the event is
  /// dropped, and counted.
  virtual bool append(std::string_view visitor, std::string_view line) = 0;
};

/// Why an event is not in the log.
enum class Dropped : std::uint8_t {
  queue_full,     ///< Redis is away or slow, and as many wait as may
  unconfirmed,    ///< the connection broke before Redis said that it has it: it may be in the log
  out_of_memory,  ///< Redis is full
  refused,        ///< Redis said another error
  disk,           ///< the file cannot be written
  too_large,      ///< it has more than 64 kB
  shutdown,       ///< the worker ended before it was sent
  last = shutdown
};
std::string_view to_string(Dropped reason);

/// Counts that many events.
void count_dropped(Dropped reason, std::size_t events = 1);

/// What a directive says, once for all locations for which it says the same.
struct EventLogConf {
  enum class Kind : std::uint8_t { redis, file };
  Kind kind = Kind::file;
  ngx_open_file_t* file = nullptr;  ///< NGINX opens it, and again when it is told to
  unsigned streams = 0;
  std::uint64_t max_bytes = 0;              ///< of all streams together
  const RedisConf* redis_server = nullptr;  ///< what `personalize_redis` says there …
  std::string prefix = {};                  ///< … of keys
  std::unique_ptr<EventLog> log = nullptr;  ///< of this worker, while it serves
};

/// Where events of this location go; null: nowhere.
inline EventLog* event_log(const LocationConf& conf) {
  return conf.event_log != nullptr ? conf.event_log->log.get() : nullptr;
}

/// In a worker, when it begins and before it ends.
void open_event_logs(MainConf& main, ngx_log_t* log);
void close_event_logs(MainConf& main);

/// The directive.
char* set_event_log(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);
/// What it says, as `conf` has it after inheritance; to be called once `redis` and `prefix` are known.
void find_event_log(MainConf& main, LocationConf& conf);

}  // namespace personalize::module
