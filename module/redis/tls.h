// TLS to Redis, by NGINX's own OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/ngx.h"

namespace personalize::module::redis {

/// As configured. Files as given, relative to the folder of nginx.conf.
struct TlsOptions {
  bool on = false;
  std::string ca;           ///< who signed the servers' certificates
  std::string certificate;  ///< our own, for servers that want one
  std::string key;
  std::optional<std::string> server_name;  ///< whom all certificates name: a host or an address
  bool verify = true;

  struct Host {
    std::string address;  ///< without port
    std::string name;
  };
  std::vector<Host> hosts;  ///< that the directive has names for
  std::string common_host;  ///< the one that all of the directive's addresses have; empty: there is no such
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

/// Begins TLS with the server at `address` (without port) on a connection that is connected. NGX_OK: agreed; NGX_AGAIN:
/// `done` is called when it is, or is not. Then ask `check_peer`.
ngx_int_t begin_tls(const Tls& tls, ngx_connection_t* c, const std::string& address, void (*done)(ngx_connection_t*));
/// After the handshake: null if the server is who it should be, else why not.
const char* check_peer(const Tls& tls, ngx_connection_t* c, const std::string& address);
void end_tls(ngx_connection_t* c);

}  // namespace personalize::module::redis
