// Conditional requests for pages with an ETag of our own.
#pragma once

#include <string>
#include <string_view>

#include "module/ngx.h"

namespace personalize::nginx {

/// The request's If-None-Match, several lines joined; empty if there is none.
std::string if_none_match(ngx_http_request_t* r);

/// True if `list`, the value of If-None-Match, contains `etag`, a strong one with its quotes. Uses the weak comparison
/// of RFC 9110, 13.1.2; `*` matches any.
bool matches(std::string_view list, std::string_view etag);

}  // namespace personalize::nginx
