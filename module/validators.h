// Conditional requests for pages that have a name of our own.
#pragma once

#include <string>
#include <string_view>

#include "module/ngx.h"

namespace personalize::nginx {

/// The request's If-None-Match, several lines joined; empty if there is none.
std::string if_none_match(ngx_http_request_t* r);

/// `list` is what If-None-Match says, `etag` a strong one with its quotes. Compared weakly, and `*` is any, as RFC 9110 has
/// it in 13.1.2.
bool matches(std::string_view list, std::string_view etag);

}  // namespace personalize::nginx
