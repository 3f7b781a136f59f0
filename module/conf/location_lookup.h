// Which location of a server a path belongs to.
#pragma once

#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

/// Whether some location but "/", which takes whatever no other one does, takes requests for that path. Once NGINX has
/// sorted its locations.
bool has_location(const ngx_http_core_srv_conf_t& server, std::string_view uri);

}  // namespace personalize::module
