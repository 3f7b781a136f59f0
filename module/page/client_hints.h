// `personalize_client_hints`: asks browsers for what their User-Agent no longer says.
#pragma once

#include "module/page/exchange.h"

namespace personalize::module {

/// Off, on, critical.
extern ngx_conf_enum_t client_hints_words[];

/// Adds headers to an HTML response: Accept-CH and, to a page for which rules were decided, Vary; if so configured also
/// Critical-CH, which makes a browser that did not send the hints repeat the request at once.
void ask_for_client_hints(ngx_http_request_t* r, const Exchange& exchange);

}  // namespace personalize::module
