// Whether NGINX's `gzip` directives want a response compressed.
#pragma once

#include "module/ngx.h"

namespace personalize::nginx {

/// For a response with a body of `size` bytes that is not encoded yet, by `gzip`, `gzip_types`, `gzip_min_length` and
/// what ngx_http_gzip_ok looks at. False also where the answer depends on headers that are yet to be changed.
bool gzip_is_wanted(ngx_http_request_t* r, std::size_t size);

}  // namespace personalize::nginx
