// PRECONTENT phase: starts the fetches, which then run in parallel with the upstream.
#include "module/http/detached_request.h"
#include "module/http/request_values.h"
#include "module/log/log.h"
#include "module/page/filters.h"
#include "module/page/page_request.h"

namespace personalize::module {
namespace {

/// The MIME type that the configuration's `types` give the path's extension; null if there is none.
const ngx_str_t* type_by_extension(ngx_http_request_t* r) {
  constexpr std::size_t max_extension_size = 16;
  if (r->exten.len == 0 || r->exten.len > max_extension_size) return nullptr;
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
  u_char lower[max_extension_size];
  ngx_uint_t hash = ngx_hash_strlow(lower, r->exten.data, r->exten.len);
  return static_cast<ngx_str_t*>(ngx_hash_find(&core->types_hash, hash, lower, r->exten.len));
}

/// Undoes what was changed in the request, for the upstream that an internal redirect led to.
void give_back(ngx_http_request_t* r, Exchange& exchange) {
  exchange.preconditions.put_back(r);
  exchange.upstream_codings.put_back(r);
}

/// For an internal redirect to where the request is not for a page, or not for one that can be personalized.
void stand_aside(ngx_http_request_t* r) {
  Exchange* exchange = r->internal ? Exchange::find(r) : nullptr;
  if (exchange == nullptr) return;
  give_back(r, *exchange);
  if (!exchange->hold.waits) exchange->release();
}

void start(ngx_http_request_t* r) {
  LocationConf* conf = location_conf(r);
  if (conf->engine == nullptr || !may_be_page(r, *conf)) return stand_aside(r);
  const Mode mode = mode_of(r, *conf);
  if (mode == Mode::off || mode == Mode::observe) return stand_aside(r);
  const std::string_view path = view(visible_path(r));
  if (!conf->engine->rule_set().applies_to(path)) return stand_aside(r);
  const AskedFor asked = asked_for(r, *conf);
  if (asked == AskedFor::something_else) return stand_aside(r);
  Exchange* exchange = Exchange::obtain(r);
  if (exchange == nullptr) return;
  exchange->begin(*conf, path);
  if (mode != Mode::on) return give_back(r, *exchange);
  exchange->upstream_codings.limit(r);
  const bool reads = (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) != 0;
  if (reads) exchange->preconditions.take_out(r, asked == AskedFor::page);
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

ngx_int_t on_precontent(ngx_http_request_t* r) {
  const bool visitors = r == r->main && detached_listener(r) == nullptr;
  const bool configured = location_conf(r)->mode != nullptr;
  if (visitors && (configured || r->internal))
    guarded(r->connection->log, [&] { configured ? start(r) : stand_aside(r); });
  return NGX_DECLINED;
}

}  // namespace personalize::module
