// PRECONTENT phase: starts the fetches, which then run in parallel with the upstream.
#include "module/detached_request.h"
#include "module/filters.h"
#include "module/log.h"
#include "module/request_values.h"
#include "module/validators.h"

namespace personalize::nginx {
namespace {

/// The MIME type of the path's extension by the configuration's `types`; null if there is none.
const ngx_str_t* type_by_extension(ngx_http_request_t* r) {
  constexpr std::size_t longest = 16;
  if (r->exten.len == 0 || r->exten.len > longest) return nullptr;
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
  u_char lower[longest];
  ngx_uint_t hash = ngx_hash_strlow(lower, r->exten.data, r->exten.len);
  return static_cast<ngx_str_t*>(ngx_hash_find(&core->types_hash, hash, lower, r->exten.len));
}

/// True if the browser says that it wants a page, or does not say what it wants.
bool asks_for_page(ngx_http_request_t* r) {
  bool page = true;
  for (ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
    auto* headers = static_cast<ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      std::string_view name(reinterpret_cast<char*>(headers[i].lowcase_key), headers[i].key.len);
      std::string_view value = view(headers[i].value);
      if (name == "sec-fetch-dest") {
        return value == "document" || value == "iframe" || value == "frame" || value == "empty";
      }
      if (name == "accept") {
        page = value.find("text/html") != value.npos || value.find("text/*") != value.npos ||
               value.find("*/*") != value.npos;
      }
    }
  }
  return page;
}

void start(ngx_http_request_t* r) {
  LocationConf* conf = location_conf(r);
  if (conf->engine == nullptr || !may_be_page(r, *conf)) return;
  Mode mode = mode_of(r, *conf);
  if (mode == Mode::off) return;
  Exchange* exchange = Exchange::find(r);
  bool known = exchange != nullptr && exchange->begun_with(*conf);
  if (known) return;
  const std::string_view path = view(visible_path(r));
  if (!conf->engine->rule_set().applies_to(path)) return;
  exchange = Exchange::obtain(r);
  if (exchange == nullptr) return;
  exchange->begin(*conf, path);
  if (mode != Mode::on || !asks_for_page(r)) return;
  if (exchange->if_none_match.empty()) exchange->if_none_match = if_none_match(r);  // or taken out before a redirect
  drop_conditions(r);
}

}  // namespace

bool personalizable_method(const ngx_http_request_t* r) {
  return (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_POST)) != 0;
}

bool may_be_page(ngx_http_request_t* r, const LocationConf& conf) {
  if (!personalizable_method(r)) return false;
  const ngx_str_t* type = type_by_extension(r);
  if (type == nullptr || conf.types.size == 0) return true;  // no extension, or `personalize_types *`
  ngx_uint_t hash = ngx_hash_key_lc(type->data, type->len);
  return ngx_hash_find(const_cast<ngx_hash_t*>(&conf.types), hash, type->data, type->len) != nullptr;
}

ngx_int_t on_arrival(ngx_http_request_t* r) {
  const bool visitors = r == r->main && detached_client(r) == nullptr;
  if (visitors && location_conf(r)->mode != nullptr)
    guarded(
        r->connection->log, [&] { start(r); }, [] {});
  return NGX_DECLINED;
}

}  // namespace personalize::nginx
