// A request as plain values, the first of the five nouns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "plugins/profile/visitor_id.h"

namespace personalize::plugins {

struct Header {
  std::string_view name;  ///< as sent, any case
  std::string_view value;
};

/// All views belong to the host (NGINX's request pool, the tool's JSON file) and outlive the request's
/// `Evaluation`. Every byte of it is hostile.
struct Request {
  std::string_view method = {};
  std::string_view scheme = {};   ///< "http" or "https"
  std::string_view host = {};     ///< without port, lower case
  std::string_view path = {};     ///< normalized, percent-decoded, without query
  std::string_view query = {};    ///< raw, without "?"
  std::string_view address = {};  ///< the client's address as text, as NGINX's realip module leaves it
  std::string_view visitor = {};  ///< a valid visitor id, or empty: anonymous
  /// The shop's id of who is logged in, as valid as a visitor's, or empty. The profile is the customer's then.
  std::string_view customer = {};
  std::span<const Header> headers = {};
  std::int64_t now_us = 0;  ///< microseconds since 1970 UTC

  /// First header of that name (any case), or empty.
  std::string_view header(std::string_view name) const;
  /// Value of that cookie (case-sensitive), or empty.
  std::string_view cookie(std::string_view name) const;
};

namespace request_text {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

inline bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

inline std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace request_text

inline std::string_view Request::header(std::string_view name) const {
  for (const Header& header : headers)
    if (request_text::same_name(header.name, name)) return header.value;
  return {};
}

namespace request_text {

/// Calls `visit(name, value)` for all cookies until it returns true.
template <class Visit>
void visit_cookies(const Request& request, Visit visit) {
  for (const Header& header : request.headers) {  // HTTP/2 clients may send several
    if (!same_name(header.name, "cookie")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const auto end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos) continue;
      std::string_view value = pair.substr(equals + 1);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      if (visit(pair.substr(0, equals), value)) return;
    }
  }
}

}  // namespace request_text

inline std::string_view Request::cookie(std::string_view name) const {
  std::string_view found;
  request_text::visit_cookies(*this, [&](std::string_view other, std::string_view value) {
    if (other != name) return false;
    found = value;
    return true;
  });
  return found;
}

}  // namespace personalize::plugins
