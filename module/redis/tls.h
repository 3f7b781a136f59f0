// TLS to Redis, by NGINX's own OpenSSL.
#pragma once

#include <string>

#include "module/ngx.h"

namespace personalize::nginx::redis {

/// As configured. Files as given, relative to the folder of nginx.conf.
struct TlsOptions {
  bool on = false;
  std::string ca;           ///< who signed the servers' certificates
  std::string certificate;  ///< our own, for servers that want one
  std::string key;
  std::string server_name;  ///< in certificates, and for SNI; empty: certificates name the address
  bool verify = true;
};

/// What all connections of one `personalize_redis` share; belongs to the configuration's pool.
struct Tls {
  TlsOptions options;
#if (NGX_SSL)
  ngx_ssl_t ssl = {};
#endif
};

/// When the configuration is loaded. Null after the mistake was logged: a file that cannot be used, or an NGINX that
/// was built without TLS.
const Tls* make_tls(ngx_conf_t* cf, const TlsOptions& options);

/// Begins TLS on a connection that is connected. NGX_OK: agreed; NGX_AGAIN: `done` is called when it is, or is not.
/// Then ask `check_peer`.
ngx_int_t begin_tls(const Tls& tls, ngx_connection_t* c, void (*done)(ngx_connection_t*));
/// After the handshake: null if the server is who it should be (a name, or the address `host`), else why not.
const char* check_peer(const Tls& tls, ngx_connection_t* c, const std::string& host);
void end_tls(ngx_connection_t* c);

}  // namespace personalize::nginx::redis
