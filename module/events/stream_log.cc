#include "module/events/stream_log.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "learn/events/event.h"
#include "module/log/log.h"

namespace personalize::module {
namespace {

constexpr std::size_t max_waiting_bytes = 8 * 1024 * 1024;  // of all streams
constexpr std::size_t min_bytes_of_a_queue = 128 * 1024;    // for two of the largest events
constexpr std::size_t max_unconfirmed = 1024;               // on a connection: what may be lost with it
constexpr ngx_msec_t pause_after_refusal = 100;
constexpr ngx_msec_t watch_pause = 200;
constexpr ngx_msec_t max_stay = 5000;  // of a worker that shuts down, for a Redis that does not answer

/// Errors of a server that has not executed the command and may do so later, or is not the master any more.
bool is_passing(std::string_view error) {
  constexpr std::array<std::string_view, 5> codes = {"LOADING ", "READONLY ", "MASTERDOWN ", "CLUSTERDOWN ",
                                                     "TRYAGAIN "};
  return std::ranges::any_of(codes, [&](std::string_view code) { return error.starts_with(code); });
}

}  // namespace

class StreamLog::Entry final : public redis::Query {
 public:
  Entry(std::string command, std::size_t stream, std::uint16_t slot)
      : Query(std::move(command), 0, slot, false, true), stream_(stream) {}

  std::size_t stream() const { return stream_; }

 private:
  const std::size_t stream_;
};

class StreamLog::Server final : public engine::redis::Server {
 public:
  Server(const redis::ConnectionOptions& options, const redis::Tls* tls, const std::vector<redis::Address>& addresses,
         redis::ConnectionListener& listener, ngx_log_t* log)
      : options_(options),
        address_(addresses.front()),
        outage_(options.key + ' ' + address_.text(), log),
        connection_(options, tls, addresses, listener, outage_, log) {}

  bool reachable() const override { return connection_.ready() || connection_.never_failed(); }
  void dismiss() override { outage_.end(options_.at(address_), "is not the master any more"); }

  /// False: it was not sent, and may be later.
  bool send(const std::shared_ptr<redis::Query>& query, bool asking = false) {
    return connection_.ready() && connection_.healthy() && connection_.in_flight() < max_unconfirmed &&
           connection_.send(query, asking);
  }
  void leave_replica() {
    if (connection_.in_flight() == 0) connection_.give_up("is a replica");
  }

 private:
  const redis::ConnectionOptions& options_;
  const redis::Address address_;
  redis::Outage outage_;
  redis::Connection connection_;
};

StreamLog::StreamLog(const EventLogConf& conf, ngx_log_t* log)
    : conf_(conf),
      log_(log),
      max_bytes_of_a_queue_(std::max(max_waiting_bytes / conf.streams, min_bytes_of_a_queue)),
      timer_([this](ngx_log_t*) { return on_timer(); }, WorkerTimer::AtShutdown::stays),
      servers_(
          *conf.redis_server,
          [this](const redis::ConnectionOptions& options, const std::vector<redis::Address>& addresses) {
            return std::make_unique<Server>(options, conf_.redis_server->tls, addresses,
                                            static_cast<redis::ConnectionListener&>(*this), log_);
          },
          [this] { post_flush(); }, log) {
  for (unsigned i = 0; i < conf.streams; ++i)
    streams_.push_back({engine::redis::EventStream(conf.prefix, i, conf.max_bytes / conf.streams)});
  ngx_memzero(&posted_flush_, sizeof(posted_flush_));
  posted_flush_.data = this;
  posted_flush_.log = log;
  posted_flush_.handler = [](ngx_event_t* event) {
    guarded(event->log, [&] { static_cast<StreamLog*>(event->data)->flush(); });
  };
}

StreamLog::~StreamLog() {
  count_dropped(Dropped::shutdown, waiting_);
  { const auto doomed = servers_.give_up(); }  // counts what is in flight
  if (posted_flush_.posted) {
    ngx_delete_posted_event(&posted_flush_);
  }
}

bool StreamLog::append(std::string_view visitor, std::string_view line) {
  if (line.size() > learn::events::limits::max_event_bytes) {
    count_dropped(Dropped::too_large);
    return false;
  }
  Stream& stream = streams_[engine::redis::event_stream_of(visitor, conf_.streams)];
  if (stream.bytes + line.size() > max_bytes_of_a_queue_) {
    drop(Dropped::queue_full, "Redis does not take them fast enough");
    return false;
  }
  stream.bytes += stream.queue.emplace_back(stream.commands.append(line)).size();
  ++waiting_;
  post_flush();
  return true;
}

void StreamLog::post_flush() {
  if (!posted_flush_.posted && waiting_ != 0) {
    ngx_post_event(&posted_flush_, &ngx_posted_events);
  }
}

void StreamLog::flush() {
  for (Stream& stream : streams_) send(stream);
  if (!timer_.active() && !is_idle() && !has_stayed()) timer_.start(watch_pause, log_);
}

void StreamLog::send(Stream& stream) {
  if (stream.queue.empty() || stream.paused) return;
  auto* server = static_cast<Server*>(servers_.route(stream.commands.slot()));
  if (server == nullptr) return servers_.on_refused();
  const auto number = static_cast<std::size_t>(&stream - streams_.data());
  while (!stream.queue.empty()) {
    std::string& next = stream.queue.front();
    const std::size_t size = next.size();
    const auto entry = std::make_shared<Entry>(std::move(next), number, stream.commands.slot());
    if (!server->send(entry)) {
      next = entry->bytes();
      return;
    }
    stream.queue.pop_front();
    stream.bytes -= size;
    --waiting_;
    ++in_flight_;
  }
}

void StreamLog::on_answer(const std::shared_ptr<redis::Query>& query, const redis::Address& from,
                          const redisReply* reply) {
  assert(in_flight_ != 0);
  --in_flight_;
  if (reply == nullptr)
    drop(Dropped::unconfirmed, "the connection to Redis broke");
  else if (reply->type == REDIS_REPLY_ERROR)
    on_error(query, from, {reply->str, reply->len});
  else
    ++counters().events_logged;
  post_flush();
}

void StreamLog::on_error(const std::shared_ptr<redis::Query>& query, const redis::Address& from,
                         std::string_view error) {
  const auto& entry = static_cast<const Entry&>(*query);
  const auto advice = servers_.on_error(error, query->slot(), from);
  if (follow(query, advice)) return;
  if (advice.redirected && query->asking_failure().empty()) return put_back(entry);
  if (is_passing(error)) {
    put_back(entry);
    auto* server = static_cast<Server*>(servers_.route(query->slot()));
    if (error.starts_with("READONLY ") && server != nullptr) server->leave_replica();
    return;
  }
  const std::string why(query->asking_failure().empty() ? error : query->asking_failure());
  drop(error.starts_with("OOM ") ? Dropped::out_of_memory : Dropped::refused, why.c_str());
}

bool StreamLog::follow(const std::shared_ptr<redis::Query>& query, const engine::redis::Advice& advice) {
  if (advice.server == nullptr || !query->asking_failure().empty() || !query->follow_redirect()) return false;
  if (!static_cast<Server*>(advice.server)->send(query, advice.asking)) return false;
  ++in_flight_;
  return true;
}

void StreamLog::put_back(const Entry& entry) {
  Stream& stream = streams_[entry.stream()];
  stream.bytes += stream.queue.emplace_front(entry.bytes()).size();
  ++waiting_;
  stream.paused = true;
  stream.paused_at = ngx_current_msec;
}

void StreamLog::drop(Dropped reason, const char* why) {
  count_dropped(reason);
  log_limited(Topic::events, NGX_LOG_WARN, log_, "an event is lost: redis %s: %s", conf_.redis_server->name.c_str(),
              why);
}

/// This worker has shut down for long enough.
bool StreamLog::has_stayed() const { return ending_since_ != 0 && ngx_current_msec - ending_since_ >= max_stay; }

ngx_msec_t StreamLog::on_timer() {
  for (Stream& stream : streams_)
    if (stream.paused && ngx_current_msec - stream.paused_at >= pause_after_refusal) stream.paused = false;
  if (ngx_exiting && ending_since_ == 0) ending_since_ = ngx_current_msec;
  flush();
  return WorkerTimer::not_again;  // unless that started it again
}

}  // namespace personalize::module
