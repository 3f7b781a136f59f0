#include "module/conf/page_directives.h"

#include <algorithm>

#include "module/coding/weighted_list.h"

namespace personalize::module {
namespace {

constexpr std::size_t max_type_size = 128;

bool is_xml(std::string_view type) {
  const auto slash = type.find('/');
  if (slash == type.npos) return false;
  const std::string_view subtype = type.substr(slash + 1);
  return same(subtype, "xml") || (subtype.size() > 4 && same(subtype.substr(subtype.size() - 4), "+xml"));
}

/// Statuses whose responses may have a complete page of their own as their body.
bool may_have_page(ngx_int_t status) {
  if (status >= 400 && status <= 599) return status != 499;  // which is never sent
  return status == 201 || status == 202 || status == 203;
}

}  // namespace

char* set_types(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf) {
  const auto* words = static_cast<ngx_str_t*>(cf->args->elts);
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    if (!is_xml(view(words[i]))) continue;
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

std::string_view media_type(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  const auto last = type.find_last_not_of(" \t");
  return last == type.npos ? std::string_view() : type.substr(0, last + 1);
}

bool is_type_of_pages(std::string_view type, const LocationConf& conf) {
  if (same(type, "text/html")) return true;
  if (is_xml(type)) return false;
  if (conf.types.size == 0) return true;  // `personalize_types *`
  if (type.size() > max_type_size) return false;
  u_char lower[max_type_size];
  const ngx_uint_t hash = ngx_hash_strlow(lower, as_ngx(type).data, type.size());
  return ngx_hash_find(const_cast<ngx_hash_t*>(&conf.types), hash, lower, type.size()) != nullptr;
}

bool is_status_of_pages(ngx_uint_t status, const LocationConf& conf) {
  if (status == NGX_HTTP_OK) return true;
  return conf.statuses != nullptr &&
         std::find(conf.statuses->begin(), conf.statuses->end(), status) != conf.statuses->end();
}

}  // namespace personalize::module
