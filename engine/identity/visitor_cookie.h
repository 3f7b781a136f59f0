// The cookie by which a visitor is recognized where the shop has no id of its own: 22 characters of 128 random bits, a
// dot, and 22 characters that only holders of a key can make (HMAC-SHA-256 over id, cookie name and domain, of which
// 128 bits are kept: RFC 2104, 5). Characters are those of base64url (RFC 4648, 5).
//
// The value is a bearer token and is written nowhere. Redis, logs and streams get the id, its first 22 characters.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/identity/visitor_keys.h"

namespace personalize::engine::identity {

class VisitorCookie {
 public:
  static constexpr std::size_t id_size = 22;
  static constexpr std::size_t value_size = 2 * id_size + 1;

  /// `name` and `domain` (may be empty) of the cookie: an id is of no use under others.
  VisitorCookie(VisitorKeys keys, std::string name, std::string_view domain);

  const std::string& name() const { return name_; }

  /// A new value, with 128 bits from the system's generator; empty if there are none, or no memory.
  std::string issue() const;
  /// The id in a value that one of the keys has signed, as a view of it; nothing in any other text. Takes the same time
  /// for every text of the right form.
  std::optional<std::string_view> verify(std::string_view value) const;

 private:
  bool sign(std::string_view id, const std::string& key, char (&check)[id_size]) const;

  VisitorKeys keys_;
  std::string name_;
  std::string signed_with_;  // name and domain
};

/// The value of the cookie `name` in the Cookie headers' values; the first one that `accept` takes. Browsers may send
/// several of one name: of other paths and domains, or planted by a subdomain.
template <class Accept>
std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name, const Accept& accept) {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
    if (!pair.starts_with(name) || pair.size() == name.size() || pair[name.size()] != '=') continue;
    std::string_view value = pair.substr(name.size() + 1);
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    if (const auto accepted = accept(value)) return accepted;
  }
  return std::nullopt;
}

}  // namespace personalize::engine::identity
