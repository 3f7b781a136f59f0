// Responses of our own, and headers that we add to others.
#pragma once

#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

/// Answers a request, of which nothing has been sent yet, with 200 and a copy of `body`. For content handlers.
/// `content_type` must be a constant.
ngx_int_t answer(ngx_http_request_t* r, std::string_view content_type, std::string_view body);

/// Adds a line to the response's header. Names must be constants, the value is copied. Null if there is no memory.
ngx_table_elt_t* add_header(ngx_http_request_t* r, std::string_view name, const char* lower, std::string_view value);

}  // namespace personalize::module
