// Pages in an encoding that we cannot read.
#pragma once

#include "module/ngx.h"

namespace personalize::module {

/// Says so in the log, once for each location and configuration that is loaded, and what to do about it.
void tell_unreadable(ngx_http_request_t* r);

}  // namespace personalize::module
