#include "cli/events/visitor_hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <fstream>
#include <span>
#include <stdexcept>

#include "engine/identity/base64url.h"

namespace personalize::cli {
namespace {

constexpr std::size_t min_key_size = 16, kept_bytes = 16;

}  // namespace

tl::expected<VisitorHash, std::string> VisitorHash::from_file(const std::string& path) {
  std::ifstream in(path);
  std::string key;
  if (!std::getline(in, key)) return tl::unexpected("--key: " + path + " cannot be read, or is empty");
  if (key.ends_with('\r')) key.pop_back();
  if (key.size() < min_key_size)
    return tl::unexpected("--key: the first line of " + path + " needs 16 characters or more");
  return VisitorHash(std::move(key));
}

VisitorHash VisitorHash::random() {
  std::string key(32, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
    throw std::runtime_error("there are no random bytes");
  return VisitorHash(std::move(key));
}

std::string_view VisitorHash::of(std::string_view visitor) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(visitor.data()), visitor.size(), bytes.data(), &size);
  if (done == nullptr || size < kept_bytes) throw std::runtime_error("HMAC-SHA-256 is not available");
  engine::identity::write_base64url(std::span(bytes).first<kept_bytes>(), text_.data());
  return {text_.data(), text_.size()};
}

}  // namespace personalize::cli
