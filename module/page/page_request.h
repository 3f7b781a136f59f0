// What a request says of what it asks for: a page, or something that no page can be the answer to.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

enum class AskedFor : std::uint8_t {
  something_else,  ///< an image, a script, data for a script, a connection for messages
  anything,        ///< it does not say
  page,            ///< what browsers say when they show what they get
};

/// By method and headers. The response may be a page all the same, and no page may be the
/// response to who asks for one.
AskedFor asked_for(ngx_http_request_t* r, const LocationConf& conf);

}  // namespace personalize::module
