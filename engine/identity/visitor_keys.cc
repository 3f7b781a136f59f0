#include "engine/identity/visitor_keys.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/identity/base64url.h"
#include "rules/text/ascii.h"

namespace personalize::engine::identity {
namespace {

bool is_printable(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// What is wrong with a line of the file, or null.
const char* mistake(std::string_view key) {
  if (key.size() < VisitorKeys::min_key_bytes) return "a key needs at least 32 characters";
  if (key.size() > VisitorKeys::max_key_bytes) return "a key has at most 256 characters";
  return is_printable(key) ? nullptr : "a key consists of printable ASCII characters, without spaces";
}

}  // namespace

tl::expected<VisitorKeys, std::string> VisitorKeys::parse(std::string_view text) {
  VisitorKeys keys;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view key = rules::text::trim(text.substr(0, end), " \t\r");
    text.remove_prefix(std::min(end + 1, text.size()));
    if (key.empty() || key.starts_with('#')) continue;
    if (const char* wrong = mistake(key)) return tl::unexpected("line " + std::to_string(line) + ": " + wrong);
    if (keys.keys_.size() == max_keys) return tl::unexpected(std::string("there are more than 8 keys"));
    keys.keys_.emplace_back(key);
  }
  if (keys.keys_.empty()) return tl::unexpected(std::string("there is no key in it"));
  return keys;
}

tl::expected<std::string, std::string> VisitorKeys::generate() {
  unsigned char bytes[32];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) return tl::unexpected(std::string(std::strerror(errno)));
  char text[base64url_size(sizeof bytes)];
  return std::string(text, write_base64url(bytes, text)) + "\n";
}

}  // namespace personalize::engine::identity
