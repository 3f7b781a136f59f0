#include "module/redis/tls.h"

#include "plugins/regular_file.h"

namespace personalize::module::redis {

#if (NGX_SSL)

namespace {

constexpr ngx_int_t chain_depth = 4;

/// A copy in the configuration's memory, ending in a zero, as NGINX wants it.
ngx_str_t file_name(ngx_conf_t* cf, const std::string& name) {
  auto* data = static_cast<u_char*>(ngx_pnalloc(cf->pool, name.size() + 1));
  if (data == nullptr) return ngx_null_string;
  ngx_memcpy(data, name.c_str(), name.size() + 1);
  return {name.size(), data};
}

/// NGINX says what is wrong with a file, but not where it is named.
bool usable(ngx_conf_t* cf, ngx_int_t result, const std::string& file) {
  if (result != NGX_OK) ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cannot use certificate \"%s\"", file.c_str());
  return result == NGX_OK;
}

/// OpenSSL would wait for a FIFO forever.
bool is_file(ngx_conf_t* cf, const std::string& name) {
  if (name.empty() || name.starts_with("data:") || name.starts_with("engine:")) return true;
  ngx_str_t path = file_name(cf, name);
  if (path.data == nullptr || ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) return false;
  const auto first_byte = plugins::read_regular_file(std::string(view(path)), 0);
  if (first_byte) return true;
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cannot use certificate \"%s\": %s", name.c_str(),
                     first_byte.error().c_str());
  return false;
}

bool load_files(ngx_conf_t* cf, Tls& tls) {
  const TlsOptions& options = tls.options;
  if (!is_file(cf, options.certificate) || !is_file(cf, options.key) || !is_file(cf, options.ca)) return false;
  ngx_str_t certificate = file_name(cf, options.certificate), key = file_name(cf, options.key);
  ngx_str_t ca = file_name(cf, options.ca);
  if (certificate.len != 0 &&
      !usable(cf, ngx_ssl_certificate(cf, &tls.ssl, &certificate, &key, nullptr), options.certificate)) {
    return false;
  }
  return !options.verify || usable(cf, ngx_ssl_trusted_certificate(cf, &tls.ssl, &ca, chain_depth), options.ca);
}

bool names_address(SSL* ssl, const std::string& address) {
  X509* certificate = SSL_get_peer_certificate(ssl);
  const bool named = certificate != nullptr && X509_check_ip_asc(certificate, address.c_str(), 0) == 1;
  X509_free(certificate);
  return named;
}

}  // namespace

const Tls* make_tls(ngx_conf_t* cf, const TlsOptions& options) {
  auto* tls = make<Tls>(cf->pool, Tls{options});
  if (tls == nullptr) return nullptr;
  tls->ssl.log = cf->log;
  if (ngx_ssl_create(&tls->ssl, NGX_SSL_TLSv1_2 | NGX_SSL_TLSv1_3, nullptr) != NGX_OK) return nullptr;
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);
  if (cleanup == nullptr) {
    ngx_ssl_cleanup_ctx(&tls->ssl);
    return nullptr;
  }
  cleanup->handler = ngx_ssl_cleanup_ctx;
  cleanup->data = &tls->ssl;
  return load_files(cf, *tls) ? tls : nullptr;
}

ngx_int_t begin_tls(const Tls& tls, ngx_connection_t* c, const std::string& address, void (*done)(ngx_connection_t*)) {
  if (ngx_ssl_create_connection(const_cast<ngx_ssl_t*>(&tls.ssl), c, NGX_SSL_CLIENT) != NGX_OK) return NGX_ERROR;
  const std::string name = engine::redis::expected_peer(tls.options, address).name;
  if (!name.empty() && SSL_set_tlsext_host_name(c->ssl->connection, name.c_str()) == 0) return NGX_ERROR;
  c->ssl->handler = done;
  return ngx_ssl_handshake(c);
}

const char* check_peer(const Tls& tls, ngx_connection_t* c, const std::string& address) {
  if (!c->ssl->handshaked) return "TLS handshake failed";
  if (!tls.options.verify) return nullptr;
  if (long result = SSL_get_verify_result(c->ssl->connection); result != X509_V_OK) {
    return X509_verify_cert_error_string(result);
  }
  auto expected = engine::redis::expected_peer(tls.options, address);
  ngx_str_t name{expected.name.size(), reinterpret_cast<u_char*>(expected.name.data())};
  if (name.len != 0 && ngx_ssl_check_host(c, &name) == NGX_OK) return nullptr;
  if (!expected.address.empty() && names_address(c->ssl->connection, expected.address)) return nullptr;
  return engine::redis::wrong_peer(tls.options, expected);
}

void end_tls(ngx_connection_t* c) {
  if (c->ssl == nullptr) return;
  c->ssl->no_wait_shutdown = 1;
  if (ngx_ssl_shutdown(c) != NGX_AGAIN) return;
  // It would send the rest of its goodbye later, but the connection is closed now.
  SSL_free(c->ssl->connection);
  c->ssl = nullptr;
}

#else

const Tls* make_tls(ngx_conf_t* cf, const TlsOptions&) {
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "tls=on: this NGINX was built without TLS (--with-http_ssl_module)");
  return nullptr;
}

ngx_int_t begin_tls(const Tls&, ngx_connection_t*, const std::string&, void (*)(ngx_connection_t*)) {
  return NGX_ERROR;
}
const char* check_peer(const Tls&, ngx_connection_t*, const std::string&) { return "no TLS"; }
void end_tls(ngx_connection_t*) {}

#endif

}  // namespace personalize::module::redis
