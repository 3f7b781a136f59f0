// hiredis on NGINX's event loop: one NGINX connection per hiredis context.
#pragma once

#include <hiredis/async.h>

#include "module/ngx.h"

namespace personalize::nginx::redis {

/// Told that hiredis gave the context up; after that nothing may touch it.
class ContextOwner {
 public:
  virtual ~ContextOwner() = default;
  virtual void on_context_gone() = 0;
};

/// Lets NGINX's events drive `context` from now on. False: NGINX has no connection to spare.
bool attach(redisAsyncContext* context, ContextOwner& owner, ngx_log_t* log);

}  // namespace personalize::nginx::redis
