// A request as plain values, the first of the five nouns.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace personalize::plugins {

struct Header {
  std::string_view name;  ///< as sent, any case
  std::string_view value;
};

/// All views belong to the host (NGINX's request pool, the tool's JSON file) and outlive the request's
/// `Visit`. Every byte of it is hostile.
struct Request {
  std::string_view method = {};
  std::string_view scheme = {};   ///< "http" or "https"
  std::string_view host = {};     ///< without port, lower case
  std::string_view path = {};     ///< normalized, percent-decoded, without query
  std::string_view query = {};    ///< raw, without "?"
  std::string_view address = {};  ///< client's address as text: the connection's, after the host's own realip
  std::string_view visitor = {};  ///< visitor id, already in its strict form, or empty: anonymous
  std::span<const Header> headers = {};
  std::int64_t now_us = 0;  ///< microseconds since 1970 UTC

  /// First header of that name (any case), or empty.
  std::string_view header(std::string_view name) const;
  /// Value of that cookie (case-sensitive), or empty.
  std::string_view cookie(std::string_view name) const;
};

/// True if `id` may become part of a key: 1 to 128 of A-Z a-z 0-9 . _ - and nothing else.
bool valid_visitor_id(std::string_view id);

}  // namespace personalize::plugins
