// The cookie by which a visitor is recognized where the shop has no id of its own: 22 characters of 128 random bits, a
// dot, and 22 characters that only holders of a key can make (HMAC-SHA-256 over id, cookie name and domain, of which
// 128 bits are kept: RFC 2104, 5). Characters are those of base64url (RFC 4648, 5).
//
// The value is a bearer token and is written nowhere. Redis, logs and streams get the id, its first 22 characters.
#pragma once

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

}  // namespace personalize::engine::identity
