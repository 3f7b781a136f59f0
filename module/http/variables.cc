#include "module/http/variables.h"

#include <algorithm>
#include <cctype>

namespace personalize::module {
namespace {

/// "$name", but not "$1", which is a capture of a regular expression.
bool is_variable(std::string_view text) {
  return text.size() > 1 && text[0] == '$' && (std::isdigit(static_cast<unsigned char>(text[1])) == 0) &&
         std::all_of(text.begin() + 1, text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

}  // namespace

ngx_int_t add_variables(ngx_conf_t* cf, std::span<ngx_http_variable_t> added) {
  for (ngx_http_variable_t& variable : added) {
    ngx_http_variable_t* known = ngx_http_add_variable(cf, &variable.name, variable.flags);
    if (known == nullptr) return NGX_ERROR;
    known->get_handler = variable.get_handler;
  }
  return NGX_OK;
}

ngx_int_t set_variable(ngx_http_request_t* r, ngx_http_variable_value_t* value, std::string_view text, bool found) {
  const ngx_str_t copied = copy(r->pool, text);
  if (copied.data == nullptr && !text.empty()) return NGX_ERROR;
  value->data = copied.data;
  value->len = static_cast<unsigned>(copied.len);
  value->valid = 1;
  value->no_cacheable = 0;
  value->not_found = !found;
  return NGX_OK;
}

ngx_http_complex_value_t* compile(ngx_conf_t* cf, ngx_str_t* text) {
  auto* value = static_cast<ngx_http_complex_value_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t)));
  if (value == nullptr) return nullptr;
  ngx_http_compile_complex_value_t compilation;
  ngx_memzero(&compilation, sizeof(compilation));
  compilation.cf = cf;
  compilation.value = text;
  compilation.complex_value = value;
  return ngx_http_compile_complex_value(&compilation) == NGX_OK ? value : nullptr;
}

bool compile(ngx_conf_t* cf, ngx_str_t* text, TextWithVariables& compiled) {
  const ngx_str_t written = *text;
  compiled.text = compile(cf, text);
  if (compiled.text == nullptr) return false;
  if (!is_variable(view(written))) return true;
  ngx_str_t name{written.len - 1, written.data + 1};
  compiled.variable = ngx_http_get_variable_index(cf, &name);
  return compiled.variable != NGX_ERROR;
}

std::string_view value_of(ngx_http_request_t* r, const TextWithVariables& text) {
  if (text.variable != NGX_ERROR) {
    const ngx_variable_value_t* value = ngx_http_get_flushed_variable(r, static_cast<ngx_uint_t>(text.variable));
    if (value == nullptr || value->not_found) return {};
    return {reinterpret_cast<const char*>(value->data), value->len};
  }
  ngx_str_t value;
  return ngx_http_complex_value(r, text.text, &value) == NGX_OK ? view(value) : std::string_view{};
}

}  // namespace personalize::module
