#include "module/conf/page_directives.h"

#include "module/page/page_types.h"

namespace personalize::module {
namespace {

/// Statuses whose responses may have a complete page of their own as their body.
bool may_have_page(ngx_int_t status) {
  if (status >= 400 && status <= 599) return status != 499;  // which is never sent
  return status == 201 || status == 202 || status == 203;
}

}  // namespace

char* set_types(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf) {
  const auto* words = static_cast<ngx_str_t*>(cf->args->elts);
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    if (!is_xml_type(view(words[i]))) continue;
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"personalize_types\" cannot be \"%V\": XML is not edited as HTML, and would break; let the "
                       "backend send these pages as text/html",
                       &words[i]);
    return conf_error;
  }
  return ngx_http_types_slot(cf, const_cast<ngx_command_t*>(&command), &conf);
}

char* set_statuses(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.statuses != nullptr) return const_cast<char*>("is duplicate");
  conf.statuses = make<std::vector<ngx_uint_t>>(cf->pool);
  if (conf.statuses == nullptr) return conf_error;
  const auto* words = static_cast<ngx_str_t*>(cf->args->elts);
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    const ngx_int_t status = ngx_atoi(words[i].data, words[i].len);
    if (status != NGX_HTTP_OK && !may_have_page(status)) {
      ngx_conf_log_error(
          NGX_LOG_EMERG, cf, 0,
          "\"personalize_statuses\" cannot be \"%V\": write 201, 202, 203, or one from 400 to 599, such as "
          "404 410; 200 is always included",
          &words[i]);
      return conf_error;
    }
    conf.statuses->push_back(static_cast<ngx_uint_t>(status));
  }
  return NGX_CONF_OK;
}

}  // namespace personalize::module
