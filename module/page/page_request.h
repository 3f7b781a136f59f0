// Whether a request asks for a page, or for something that cannot be a page.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

enum class AskedFor : std::uint8_t {
  something_else,  ///< an image, a script, data for a script, a WebSocket
  anything,        ///< it does not say
  page,            ///< what browsers say when they show what they get
};

/// Judged by method and headers. The response to a request for something else may still be a page, and that to a
/// request for a page something else.
AskedFor asked_for(ngx_http_request_t* r, const LocationConf& conf);

}  // namespace personalize::module
