// A request that a worker itself makes to a location of the configuration.
//
// A background subrequest would belong to a visitor's request and keep its connection from being reused, even if its
// answer has become useless. A detached
// request has a connection of its own that leads nowhere: an unconnected datagram socket, which is never readable and
// always writable, so that everything NGINX does with a client's connection (watching it, closing it) is well defined.
// It is an ordinary main request in all phases, but its response ends in our filter, before anything is written.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

enum class DetachedEnd : std::uint8_t {
  answered,   ///< 200 with all of its body
  status,     ///< another status
  too_large,  ///< cut off
  encoded,    ///< with a Content-Encoding
  late,       ///< no complete response in time
  broken,     ///< no complete response: lost connection, a worker that shuts down
};

struct DetachedAnswer {
  DetachedEnd end;
  ngx_uint_t status;  ///< 0: there was no response
  std::string_view body;
  std::int64_t retry_after_s = 0;  ///< what a Retry-After says, also if it is a date; 0 if there is none
};

/// Receives the answer. `done` is called exactly once, whatever happens; then the object is destroyed.
class DetachedListener {
 public:
  virtual ~DetachedListener() = default;
  virtual void done(const DetachedAnswer& answer) = 0;
};

struct DetachedOrder {
  ngx_http_core_srv_conf_t* server;  ///< in whose locations `uri` is looked up, `internal` ones included
  std::string uri;                   ///< path
  std::string args;                  ///< without "?"
  ngx_msec_t timeout;                ///< for all of it
  std::size_t max_bytes;             ///< of the answer's body
  std::string_view host = {};        ///< empty: the server's name
};

/// Sends a GET request; `done` may be called before this returns. Must be called from an event of its own, not from
/// within another request's phases or filters.
void send_detached(const DetachedOrder& order, std::unique_ptr<DetachedListener> listener);

/// The listener of the detached request that `r` is or belongs to; null if it is a visitor's request.
DetachedListener* detached_listener(const ngx_http_request_t* r);

/// Detached requests under way in this worker.
std::size_t detached_requests();

/// Installs the filter that takes the responses, before all others.
ngx_int_t install_detached_filter(ngx_conf_t* cf);

}  // namespace personalize::module
