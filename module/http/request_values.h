// An NGINX request as plain values.
#pragma once

#include "module/conf/conf.h"
#include "plugins/request.h"

namespace personalize::module {

/// The path that the visitor sees, normalized and decoded as NGINX does it, regardless of rewrites and internal
/// redirects.
ngx_str_t visible_path(ngx_http_request_t* r);

/// The visitor's id in that location; empty if there is none or if it is not valid.
std::string_view visitor_id(ngx_http_request_t* r, const LocationConf& conf);

/// The request as plugins see it, with views into the request and its pool. `path`: as the visitor sees it.
plugins::Request request_values(ngx_http_request_t* r, const LocationConf& conf, std::string_view path);

}  // namespace personalize::module
