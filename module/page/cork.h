// Few full packets instead of many small ones, for data that is written by several system calls.
#pragma once

#include "module/ngx.h"

namespace personalize::module {

/// NGINX passes a page on in pieces of two buffers. While a page is rewritten, enough time passes between them for each
/// to become a packet and wake up the reader. A corked connection sends full packets at once and keeps the rest until
/// this turn of the event loop is over, that is, for as long as the page's bytes come in without a wait.
class Cork {
 public:
  Cork();
  ~Cork() { pull(); }
  Cork(const Cork&) = delete;
  Cork& operator=(const Cork&) = delete;

  /// To be called before something is written to the client of `r`. Does nothing where it would not help: HTTP/2 packs
  /// its own frames, Unix sockets have no packets, and with `tcp_nopush` NGINX itself corks.
  void put(const ngx_http_request_t* r);
  /// Sends what was held back. Happens automatically at the end of the turn, or when the request is over.
  void pull();

 private:
  ngx_connection_t* connection_ = nullptr;  // corked
  ngx_event_t turn_is_over_;
};

}  // namespace personalize::module
