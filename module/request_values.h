// An NGINX request as plain values.
#pragma once

#include "module/conf.h"
#include "plugins/request.h"

namespace personalize::nginx {

/// The path that the visitor sees, normalized and decoded as NGINX does it, whatever rewrites and internal redirects
/// made of it since.
ngx_str_t visible_path(ngx_http_request_t* r);

/// The values that plugins see, `path` the visible one; views into the request and its pool. Empty visitor: none, or
/// not in the strict form.
plugins::Request request_values(ngx_http_request_t* r, const LocationConf& conf, std::string_view path);

}  // namespace personalize::nginx
