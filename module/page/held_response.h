// A response that waits before all filters; see hold_filter.cc.
#pragma once

#include "module/ngx.h"

namespace personalize::module {

struct HeldResponse {
  bool waits = false;
  bool awaits_body = false;     ///< … until its first buffer says which file it is
  bool discards_body = false;   ///< the body belongs to a header that goes out without one
  ngx_chain_t* body = nullptr;  ///< as far as it has come
};

}  // namespace personalize::module
