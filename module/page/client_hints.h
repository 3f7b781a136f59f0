// `personalize_client_hints`: asks browsers for what their User-Agent no longer tells.
#pragma once

#include "module/page/exchange.h"

namespace personalize::module {

/// Off, on, critical.
extern ngx_conf_enum_t client_hints_words[];

/// Adds to the headers of an HTML response: Accept-CH; and on a page that rules were decided for Vary, and if so
/// configured Critical-CH, with which a browser that did not send the hints asks again at once.
void ask_for_client_hints(ngx_http_request_t* r, const Exchange& exchange);

}  // namespace personalize::module
