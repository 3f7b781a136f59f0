// TLS to Redis, by NGINX's own OpenSSL.
#pragma once

#include <string>

#include "engine/redis/tls_options.h"
#include "module/ngx.h"

namespace personalize::module::redis {

using engine::redis::TlsOptions;

/// What all connections of one `personalize_redis` share; belongs to the configuration's pool. Files are relative to
/// the folder of nginx.conf.
struct Tls {
  TlsOptions options;
#if (NGX_SSL)
  ngx_ssl_t ssl = {};
#endif
};

/// When the configuration is loaded. Null after the mistake was logged: a file that cannot be used, or an NGINX that
/// was built without TLS.
const Tls* make_tls(ngx_conf_t* cf, const TlsOptions& options);

/// Begins TLS with the server at `address` (without port) on a connection that is connected. NGX_OK: agreed; NGX_AGAIN:
/// `done` is called when it is, or is not. Then ask `check_peer`.
ngx_int_t begin_tls(const Tls& tls, ngx_connection_t* c, const std::string& address, void (*done)(ngx_connection_t*));
/// After the handshake: null if the server is who it should be, else why not.
const char* check_peer(const Tls& tls, ngx_connection_t* c, const std::string& address);
void end_tls(ngx_connection_t* c);

}  // namespace personalize::module::redis
