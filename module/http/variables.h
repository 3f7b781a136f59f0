// Our variables in NGINX's configuration.
#pragma once

#include <span>
#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

/// Defines them, by name, handler and flags.
ngx_int_t add_variables(ngx_conf_t* cf, std::span<ngx_http_variable_t> added);

/// For a variable's handler: sets it to a copy of `text`, or, if nothing was found, to no value, which is "-" in a log
/// and adds no header.
ngx_int_t set_variable(ngx_http_request_t* r, ngx_http_variable_value_t* value, std::string_view text, bool found);

}  // namespace personalize::module
