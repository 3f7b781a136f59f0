// The body of a request, as far as NGINX has it in memory.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

/// The whole body, once it has been read, if it has no more than `max_bytes`; nothing if there is none, if it went by
/// (`proxy_request_buffering off`) or went to a file. In the request's memory.
std::optional<std::string_view> body_in_memory(ngx_http_request_t* r, std::size_t max_bytes);

}  // namespace personalize::module
