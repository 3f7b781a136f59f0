#include "engine/redis/client/tls_session.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cassert>
#include <filesystem>
#include <new>

namespace personalize::engine::redis::client {
namespace {

constexpr int max_chain_depth = 4;

/// What OpenSSL says last; its queue is empty afterwards.
std::string openssl_problem() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = error != 0 ? ERR_reason_error_string(error) : nullptr;
  return reason != nullptr ? reason : "unknown error";
}

/// Why the file cannot be used, if it cannot; `use` is what OpenSSL thinks of it. OpenSSL would wait for a FIFO.
template <class Use>
std::string file_problem(const std::string& file, Use use) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return "cannot use \"" + file + "\": no such file";
  ERR_clear_error();
  return use() == 1 ? "" : "cannot use \"" + file + "\": " + openssl_problem();
}

}  // namespace

tl::expected<TlsContext, std::string> TlsContext::load(const TlsOptions& options) {
  TlsContext made(options);
  SSL_CTX* context = made.get();
  if (context == nullptr) return tl::unexpected("OpenSSL: " + openssl_problem());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);  // the result is looked at after the handshake
  SSL_CTX_set_verify_depth(context, max_chain_depth);
  std::string problem;
  if (!options.ca.empty())
    problem =
        file_problem(options.ca, [&] { return SSL_CTX_load_verify_locations(context, options.ca.c_str(), nullptr); });
  if (problem.empty() && !options.certificate.empty())
    problem = file_problem(options.certificate,
                           [&] { return SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()); });
  if (problem.empty() && !options.key.empty())
    problem = file_problem(options.key,
                           [&] { return SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM); });
  if (!problem.empty()) return tl::unexpected(std::move(problem));
  return made;
}

TlsSession::TlsSession(const TlsContext& context, const std::string& address)
    : options_(context.options()),
      expected_(expected_peer(options_, address)),
      session_(SSL_new(context.get())),
      from_wire_(BIO_new(BIO_s_mem())),
      to_wire_(BIO_new(BIO_s_mem())) {
  if (session_ == nullptr || from_wire_ == nullptr || to_wire_ == nullptr) throw std::bad_alloc();
  SSL_set_bio(session_.get(), from_wire_, to_wire_);
  SSL_set_connect_state(session_.get());
  if (!expected_.name.empty()) SSL_set_tlsext_host_name(session_.get(), expected_.name.c_str());
}

tl::expected<bool, std::string> TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(session_.get());
  if (result == 1) {
    if (auto good = check_peer(); !good) return tl::unexpected(std::move(good.error()));
    return true;
  }
  if (SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_READ) return false;
  return tl::unexpected("TLS handshake failed: " + openssl_problem() + ": does that port speak TLS?");
}

tl::expected<void, std::string> TlsSession::check_peer() const {
  if (!options_.verify) return {};
  if (const long result = SSL_get_verify_result(session_.get()); result != X509_V_OK)
    return tl::unexpected(std::string(X509_verify_cert_error_string(result)) +
                          ": is ca=FILE the authority that signed the server's certificate?");
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(session_.get()), X509_free);
  if (certificate == nullptr) return tl::unexpected<std::string>("the server has no certificate");
  const std::string& name = expected_.name;
  if (!name.empty() && X509_check_host(certificate.get(), name.data(), name.size(), 0, nullptr) == 1) return {};
  if (!expected_.address.empty() && X509_check_ip_asc(certificate.get(), expected_.address.c_str(), 0) == 1) return {};
  return tl::unexpected<std::string>(wrong_peer(options_, expected_));
}

bool TlsSession::write(std::string_view bytes) {
  assert(!bytes.empty());
  ERR_clear_error();
  return SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
}

std::string TlsSession::outgoing() {
  std::string bytes(BIO_ctrl_pending(to_wire_), '\0');
  if (!bytes.empty()) BIO_read(to_wire_, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

void TlsSession::feed(std::string_view bytes) {
  BIO_write(from_wire_, bytes.data(), static_cast<int>(bytes.size()));  // memory takes all of it
}

tl::expected<std::string, std::string> TlsSession::read() {
  std::string plain;
  char buffer[16 * 1024];
  for (;;) {
    ERR_clear_error();
    const int size = SSL_read(session_.get(), buffer, sizeof(buffer));
    if (size > 0) {
      plain.append(buffer, static_cast<std::size_t>(size));
      continue;
    }
    const int why = SSL_get_error(session_.get(), size);
    if (why == SSL_ERROR_WANT_READ || !plain.empty()) return plain;
    if (why == SSL_ERROR_ZERO_RETURN) return tl::unexpected<std::string>("closed by the server");
    return tl::unexpected("TLS: " + openssl_problem());
  }
}

}  // namespace personalize::engine::redis::client
