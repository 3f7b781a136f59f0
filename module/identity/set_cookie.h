// The visitor's cookie in the header of a response.
#pragma once

#include <string_view>

#include "engine/evaluation.h"
#include "module/identity/visitor.h"

namespace personalize::module {

/// Gives a visitor without an id one, if consent allows that, and takes the cookie away from one who has withdrawn it.
/// Only for responses that no shared cache keeps. `source`: of the request's id; `visitor`: what he consents to. The
/// new id, in the request's memory, or empty.
std::string_view answer_with_cookie(ngx_http_request_t* r, const LocationConf& conf, VisitorSource source,
                                    const engine::Visitor& visitor);

}  // namespace personalize::module
