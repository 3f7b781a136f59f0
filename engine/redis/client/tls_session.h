// TLS without I/O: bytes of the wire in and out, plain bytes in and out; OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/redis/tls_options.h"

namespace personalize::engine::redis::client {

/// What all connections of one client share.
class TlsContext {
 public:
  /// Or which file cannot be used, and why.
  static tl::expected<TlsContext, std::string> load(const TlsOptions& options);

  SSL_CTX* get() const { return context_.get(); }
  const TlsOptions& options() const { return options_; }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  explicit TlsContext(const TlsOptions& options) : options_(options), context_(SSL_CTX_new(TLS_client_method())) {}

  TlsOptions options_;
  std::unique_ptr<SSL_CTX, Free> context_;
};

class TlsSession {
 public:
  /// With the server at `address` (without port).
  TlsSession(const TlsContext& context, const std::string& address);

  /// Goes on with the handshake. True: it is over, and the server is who it should be. Before and after, what
  /// `outgoing` returns is to be sent, and what comes to be fed. Or why not.
  tl::expected<bool, std::string> handshake();
  /// Plain bytes to send, which `outgoing` then has. False: the session is broken.
  bool write(std::string_view bytes);
  std::string outgoing();
  void feed(std::string_view bytes);
  /// Plain bytes that came; empty: more must be fed. Or why nothing will come any more.
  tl::expected<std::string, std::string> read();

 private:
  struct Free {
    void operator()(SSL* session) const { SSL_free(session); }
  };
  tl::expected<void, std::string> check_peer() const;

  const TlsOptions& options_;
  const ExpectedPeer expected_;
  std::unique_ptr<SSL, Free> session_;
  BIO* from_wire_;  // the session's
  BIO* to_wire_;
};

}  // namespace personalize::engine::redis::client
