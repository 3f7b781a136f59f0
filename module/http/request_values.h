// An NGINX request as plain values.
#pragma once

#include "module/ngx.h"
#include "plugins/request.h"

namespace personalize::module {

/// The path that the visitor sees, normalized and decoded as NGINX does it, regardless of rewrites and internal
/// redirects.
ngx_str_t visible_path(ngx_http_request_t* r);

/// The request as plugins see it, with views into the request and its pool, and without a visitor (see
/// module/identity/visitor.h). `path`: as the visitor sees it.
plugins::Request request_values(ngx_http_request_t* r, std::string_view path);

}  // namespace personalize::module
