// A request of the worker's own to a location of the configuration, which no visitor waits for or is kept by.
//
// A background subrequest would hang on a visitor's request and keep its connection from being used again. This one has
// a connection that nobody is at the other end of: an unconnected datagram socket, never readable and always writable,
// so that everything NGINX does with a client's connection (watching it, closing it) is well-defined. The request is an
// ordinary main request in all phases; only its response ends in our filter, before anything could be written.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "module/ngx.h"

namespace personalize::nginx {

enum class DetachedEnd : std::uint8_t {
  answered,   ///< 200 with all of its body
  status,     ///< another status
  too_large,  ///< cut off
  encoded,    ///< with a Content-Encoding
  broken,     ///< no end of the response: time-out, lost connection, a worker that shuts down
};

struct DetachedAnswer {
  DetachedEnd end;
  ngx_uint_t status;  ///< 0: there was no response
  std::string_view body;
};

/// Who asked. Destroyed after `done`, which is called once, whatever happens.
class DetachedClient {
 public:
  virtual ~DetachedClient() = default;
  virtual void done(const DetachedAnswer& answer) = 0;
};

struct DetachedOrder {
  ngx_http_core_srv_conf_t* server;  ///< in whose locations `uri` is looked for; also the `internal` ones
  std::string uri;                   ///< path
  std::string args;                  ///< without "?"
  ngx_msec_t timeout;                ///< for all of it
  std::size_t most_bytes;            ///< of the answer's body
};

/// GETs it; `done` may be called before this returns. Not from within another request's phases or filters: from an
/// event of one's own.
void send_detached(const DetachedOrder& order, std::unique_ptr<DetachedClient> client);

/// Who asked for the request that `r` is or belongs to; null if that is a visitor.
DetachedClient* detached_client(const ngx_http_request_t* r);

/// Detached requests under way in this worker.
std::size_t detached_requests();

/// Installs the filter that takes the responses; in front of all others.
ngx_int_t install_detached_filter(ngx_conf_t* cf);

}  // namespace personalize::nginx
