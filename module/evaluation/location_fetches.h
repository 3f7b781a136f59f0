// What one evaluation asks of locations.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "module/http/detached_request.h"
#include "plugins/fetches.h"

namespace personalize::module {

/// Who takes the replies.
class LocationListener {
 public:
  /// `reply` is valid during the call; kind `absent`: there is none.
  virtual void on_location_reply(std::size_t index, const plugins::Reply& reply) = 0;

 protected:
  ~LocationListener() = default;
};

/// Requests go on when this is destroyed, as what they fetch may be cached by then, but nobody is told any more.
class LocationFetches {
 public:
  /// `r` outlives it, and so does the listener.
  LocationFetches(ngx_http_request_t* r, LocationListener& listener);
  ~LocationFetches();
  LocationFetches(const LocationFetches&) = delete;

  /// Asks soon, from an event of its own. The fetch's texts outlive this.
  void ask(std::size_t index, const plugins::Fetch& fetch);

 private:
  class Answer;
  struct Waiting {
    std::size_t index;
    plugins::Fetch fetch;
  };

  static void on_start(ngx_event_t* event);
  void send(const Waiting& waiting);
  void take(const Answer& answer, std::size_t index, const DetachedAnswer& detached);

  ngx_http_request_t* request_;
  LocationListener& listener_;
  std::vector<Waiting> waiting_;
  std::vector<Answer*> under_way_;
  ngx_event_t start_;  // posted while some wait
};

}  // namespace personalize::module
