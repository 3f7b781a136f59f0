#include "module/evaluation/location_fetches.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "module/log/log.h"

namespace personalize::module {
namespace {

/// At a time in a worker, so that a service that hangs cannot use up its connections.
constexpr std::size_t max_under_way = 256;
constexpr std::size_t max_body_bytes = 256 * 1024;  // as of a reply of Redis

std::string describe(const DetachedAnswer& answer) {
  switch (answer.end) {
    case DetachedEnd::answered: break;
    case DetachedEnd::status: return "status " + std::to_string(answer.status);
    case DetachedEnd::too_large: return "an answer of more than 256 kB";
    case DetachedEnd::encoded: return "a compressed answer";
    case DetachedEnd::late: return "no complete answer in time";
    case DetachedEnd::broken: return "no complete answer";
  }
  return {};
}

void count_failure(std::string_view location, const char* why) {
  ++counters().location_failures;
  log_limited(Topic::location, NGX_LOG_WARN, ngx_cycle->log, "location %*s, asked by a plugin: %s", location.size(),
              location.data(), why);
}

}  // namespace

/// Of one request; outlives who asked, perhaps.
class LocationFetches::Answer final : public DetachedListener {
 public:
  Answer(LocationFetches& fetches, std::size_t index, std::string_view location)
      : fetches_(&fetches), index_(index), location_(location) {}

  void forget() { fetches_ = nullptr; }
  void done(const DetachedAnswer& answer) override {
    const bool nothing = answer.end == DetachedEnd::status && answer.status == NGX_HTTP_NO_CONTENT;
    if (answer.end == DetachedEnd::late) ++counters().location_timeouts;
    if (answer.end != DetachedEnd::answered && !nothing && ngx_exiting == 0)
      count_failure(location_, describe(answer).c_str());
    if (fetches_ != nullptr) std::exchange(fetches_, nullptr)->take(*this, index_, answer);
  }

 private:
  LocationFetches* fetches_;  // null: nobody waits any more
  std::size_t index_;
  std::string location_;
};

LocationFetches::LocationFetches(ngx_http_request_t* r, LocationListener& listener) : request_(r), listener_(listener) {
  ngx_memzero(&start_, sizeof(start_));
  start_.data = this;
  start_.log = r->connection->log;
  start_.handler = on_start;
}

LocationFetches::~LocationFetches() {
  if (start_.posted) {
    ngx_delete_posted_event(&start_);
  }
  for (Answer* answer : under_way_) answer->forget();
}

void LocationFetches::ask(std::size_t index, const plugins::Fetch& fetch) {
  waiting_.push_back({index, fetch});
  ngx_post_event(&start_, &ngx_posted_events);
}

void LocationFetches::on_start(ngx_event_t* event) {
  auto& self = *static_cast<LocationFetches*>(event->data);
  guarded(event->log, [&] {
    for (const Waiting& waiting : std::exchange(self.waiting_, {})) self.send(waiting);
  });
}

void LocationFetches::send(const Waiting& waiting) {
  const plugins::Fetch& fetch = waiting.fetch;
  if (detached_requests() >= max_under_way) {
    count_failure(fetch.location, "too many requests are under way");
    return listener_.on_location_reply(waiting.index, {});
  }
  ++counters().location_fetches;
  auto answer = std::make_unique<Answer>(*this, waiting.index, fetch.location);
  under_way_.push_back(answer.get());
  send_detached(
      {.server = static_cast<ngx_http_core_srv_conf_t*>(ngx_http_get_module_srv_conf(request_, ngx_http_core_module)),
       .uri = std::string(fetch.location),
       .args = std::string(fetch.query),
       .timeout = static_cast<ngx_msec_t>(fetch.timeout.count()),
       .max_bytes = max_body_bytes,
       .host = view(request_->headers_in.server)},
      std::move(answer));
}

void LocationFetches::take(const Answer& answer, std::size_t index, const DetachedAnswer& detached) {
  std::erase(under_way_, &answer);
  plugins::Reply reply;
  if (detached.end == DetachedEnd::answered)
    reply = {.kind = plugins::Reply::Kind::string, .text = detached.body};
  else if (detached.status == NGX_HTTP_NO_CONTENT)
    reply.kind = plugins::Reply::Kind::nil;
  listener_.on_location_reply(index, reply);
}

}  // namespace personalize::module
