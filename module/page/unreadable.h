// Pages in an encoding that we cannot read.
#pragma once

#include "module/ngx.h"

namespace personalize::module {

/// Logs it, with what to do about it, once for each location and each load of the configuration.
void tell_unreadable(ngx_http_request_t* r);

}  // namespace personalize::module
