// Variables in NGINX's configuration: ours, and those that directives are given.
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

/// A directive's word with variables, nearly always a single one and nothing else.
struct TextWithVariables {
  ngx_http_complex_value_t* text = nullptr;
  ngx_int_t variable = NGX_ERROR;  ///< its index, if that is all of `text`

  bool constant() const { return text->lengths == nullptr; }
};

/// Null if it is wrong, or if there is no memory: that was logged.
ngx_http_complex_value_t* compile(ngx_conf_t* cf, ngx_str_t* text);
/// False likewise.
bool compile(ngx_conf_t* cf, ngx_str_t* text, TextWithVariables& compiled);
/// Of this request; empty if there is none.
std::string_view value_of(ngx_http_request_t* r, const TextWithVariables& text);

}  // namespace personalize::module
