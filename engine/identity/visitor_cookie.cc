#include "engine/identity/visitor_cookie.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <span>
#include <utility>

#include "engine/identity/base64url.h"

namespace personalize::engine::identity {
namespace {

constexpr std::size_t random_bytes = 16;
static_assert(base64url_size(random_bytes) == VisitorCookie::id_size);

}  // namespace

VisitorCookie::VisitorCookie(VisitorKeys keys, std::string name, std::string_view domain)
    : keys_(std::move(keys)), name_(std::move(name)), signed_with_('\0' + name_ + '\0' + std::string(domain)) {}

std::string VisitorCookie::issue() const {
  unsigned char bytes[random_bytes];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) return {};
  char id[id_size], check[id_size];
  const std::string_view text(id, static_cast<std::size_t>(write_base64url(bytes, id) - id));
  if (!sign(text, keys_.all().front(), check)) return {};
  return std::string(text).append(".").append(check, sizeof check);
}

std::optional<std::string_view> VisitorCookie::verify(std::string_view value) const {
  if (value.size() != value_size || value[id_size] != '.') return std::nullopt;
  const std::string_view id = value.substr(0, id_size), said = value.substr(id_size + 1);
  if (!is_base64url(id) || !is_base64url(said)) return std::nullopt;
  bool right = false;
  for (const std::string& key : keys_.all()) {
    char check[id_size];
    right |= sign(id, key, check) && CRYPTO_memcmp(check, said.data(), sizeof check) == 0;
  }
  return right ? std::optional(id) : std::nullopt;
}

bool VisitorCookie::sign(std::string_view id, const std::string& key, char (&check)[id_size]) const {
  const std::string text = std::string(id) + signed_with_;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), digest, &size) == nullptr)
    return false;
  write_base64url(std::span(digest).first(random_bytes), check);
  return true;
}

}  // namespace personalize::engine::identity
