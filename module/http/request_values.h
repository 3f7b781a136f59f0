// An NGINX request as plain values.
#pragma once

#include "module/conf/conf.h"
#include "plugins/request.h"

namespace personalize::module {

/// The path that the visitor sees, normalized and decoded as by NGINX, regardless of rewrites and internal redirects.
ngx_str_t visible_path(ngx_http_request_t* r);

/// Who the visitor is to that location; empty if nobody, or if it is no valid id.
std::string_view visitor_id(ngx_http_request_t* r, const LocationConf& conf);

/// The request as plugins see it, with views into the request and its pool. `path`: as the visitor sees it. The visitor
/// is empty if there is none or its form is not valid.
plugins::Request request_values(ngx_http_request_t* r, const LocationConf& conf, std::string_view path);

}  // namespace personalize::module
