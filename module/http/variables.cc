#include "module/http/variables.h"

namespace personalize::module {

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

}  // namespace personalize::module
