// A response that waits before all filters; see hold_filter.cc.
#pragma once

#include "module/ngx.h"

namespace personalize::module {

struct HeldResponse {
  HeldResponse() { ngx_memzero(&wake, sizeof(wake)); }

  /// Nothing wakes it up any more.
  void cancel_wake() {
    if (wake.timer_set) ngx_del_timer(&wake);
    if (wake.posted) {
      ngx_delete_posted_event(&wake);
    }
  }

  bool waits = false;
  bool awaits_body = false;     ///< … until its first buffer says which file it is
  bool discards_body = false;   ///< the body belongs to a header that goes out without one
  ngx_chain_t* body = nullptr;  ///< as far as it has come
  ngx_event_t wake;             ///< timer: the deadline; posted: all replies are there
};

}  // namespace personalize::module
