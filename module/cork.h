// Few full packets instead of many small ones, for what is written in several system calls.
#pragma once

#include "module/ngx.h"

namespace personalize::nginx {

/// NGINX hands a page on in pieces of two buffers, each of which would become a packet and wake up whoever reads; while
/// a page is rewritten there is time between them to do so every time. Corked, a connection sends full packets at once
/// and keeps the rest until this turn of the event loop is over, which is as long as the page's bytes keep coming in
/// without a wait.
class Cork {
 public:
  Cork();
  ~Cork() { pull(); }
  Cork(const Cork&) = delete;
  Cork& operator=(const Cork&) = delete;

  /// Before something is written to the client of `r`. Nothing happens where it would not help: HTTP/2 packs its own
  /// frames, Unix sockets have no packets, and with `tcp_nopush` NGINX does the same itself.
  void put(const ngx_http_request_t* r);
  /// What was held back leaves: done at the end of the turn, or before that when the request is over.
  void pull();

 private:
  ngx_connection_t* connection_ = nullptr;  // corked
  ngx_event_t turn_is_over_;
};

}  // namespace personalize::nginx
