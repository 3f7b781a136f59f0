// Headers of the request that upstreams must not see.
#pragma once

#include <optional>
#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

/// Takes the first header of that name (in lower case) out of the request; nothing if there is none. Pointers to it in
/// `headers_in` stay as they are.
std::optional<ngx_table_elt_t> take_out(ngx_http_request_t* r, std::string_view name);

/// Adds it after the others; null if there is no memory.
ngx_table_elt_t* put_back(ngx_http_request_t* r, const ngx_table_elt_t& taken);

}  // namespace personalize::module
