// Conditional requests for pages with an ETag of our own.
#pragma once

#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

/// True if `list`, the value of If-None-Match, contains `etag`, a strong one with its quotes. Uses the weak comparison
/// of RFC 9110, 13.1.2; `*` matches any.
bool matches(std::string_view list, std::string_view etag);
/// The same for the request's If-None-Match, of which there may be several lines.
bool if_none_match_names(const ngx_http_request_t* r, std::string_view etag);

}  // namespace personalize::module
