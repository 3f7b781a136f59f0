#include "module/gzip_conditions.h"

extern "C" ngx_module_t ngx_http_gzip_filter_module;
#pragma weak ngx_http_gzip_filter_module

namespace personalize::nginx {
namespace {

/// NGINX keeps this to itself; it has not changed since 0.8, and `enable` says if it is what we think.
struct GzipConf {
  ngx_flag_t enable;
  ngx_flag_t no_buffer;
  ngx_hash_t types;
  ngx_bufs_t bufs;
  std::size_t postpone_gzipping;
  ngx_int_t level;
  std::size_t wbits;
  std::size_t memlevel;
  ssize_t min_length;
};

}  // namespace

bool gzip_is_wanted(ngx_http_request_t* r, std::size_t size) {
  if (&ngx_http_gzip_filter_module == nullptr) return false;
  auto* conf = static_cast<GzipConf*>(ngx_http_get_module_loc_conf(r, ngx_http_gzip_filter_module));
  if (conf == nullptr || conf->enable != 1 || conf->level < 1 || conf->level > 9) return false;
  if (static_cast<ssize_t>(size) < conf->min_length || ngx_http_test_content_type(r, &conf->types) == nullptr)
    return false;
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
  constexpr ngx_uint_t always = NGX_HTTP_GZIP_PROXIED_OFF | NGX_HTTP_GZIP_PROXIED_ANY;
  if (r->headers_in.via != nullptr && (core->gzip_proxied & always) == 0) return false;
  if (!r->gzip_tested) return ngx_http_gzip_ok(r) == NGX_OK;
  return r->gzip_ok;
}

}  // namespace personalize::nginx
