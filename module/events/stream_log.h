// Events in Redis Streams.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "engine/redis/event_stream.h"
#include "module/events/event_log.h"
#include "module/redis/connection.h"
#include "module/redis/servers.h"
#include "module/worker/worker_timer.h"

namespace personalize::module {

/// Has one connection of its own to each server. Events wait in a queue for each stream until it is healthy and Redis
/// has confirmed enough of those before them. What Redis has not executed for sure (it is loading, or the stream has
/// moved) is sent again; what it may have executed is not, so that no event is there twice.
class StreamLog final : public EventLog, private redis::ConnectionListener {
 public:
  StreamLog(const EventLogConf& conf, ngx_log_t* log);
  /// Counts what is left as lost.
  ~StreamLog() override;
  StreamLog(const StreamLog&) = delete;
  StreamLog& operator=(const StreamLog&) = delete;

  bool append(std::string_view visitor, std::string_view line) override;

 private:
  struct Stream {
    engine::redis::EventStream commands;
    std::deque<std::string> queue = {};  ///< encoded commands
    std::size_t bytes = 0;               ///< of the queue
    bool paused = false;                 ///< nothing is sent for a moment …
    ngx_msec_t paused_at = 0;            ///< … since then
  };
  class Entry;
  class Server;

  void on_answer(const std::shared_ptr<redis::Query>& query, const redis::Address& from,
                 const redisReply* reply) override;
  void on_lost() override { servers_.alarm(); }
  void on_ready() override { post_flush(); }
  bool follow(const std::shared_ptr<redis::Query>& query, const engine::redis::Advice& advice);
  void on_error(const std::shared_ptr<redis::Query>& query, const redis::Address& from, std::string_view error);
  void put_back(const Entry& entry);
  void drop(Dropped reason, const char* why);

  void post_flush();
  void flush();
  void send(Stream& stream);
  bool is_idle() const { return in_flight_ == 0 && waiting_ == 0; }
  bool has_stayed() const;
  ngx_msec_t on_timer();

  const EventLogConf& conf_;
  ngx_log_t* log_;
  std::vector<Stream> streams_;
  const std::size_t max_bytes_of_a_queue_;
  std::size_t waiting_ = 0;      ///< events in queues
  std::size_t in_flight_ = 0;    ///< events that were sent, and are not confirmed
  ngx_msec_t ending_since_ = 0;  ///< when it was noticed that this worker shuts down; 0: it does not
  ngx_event_t posted_flush_;     ///< at the end of this turn
  WorkerTimer timer_;  ///< runs while events are on their way, so that a worker that shuts down stays for them
  redis::Servers servers_;
};

}  // namespace personalize::module
