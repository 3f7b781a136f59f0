// What plugins add to the header of a page's response.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory_resource>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/exposure.h"
#include "plugins/request.h"

namespace personalize::plugins {

/// Set-Cookie, RFC 6265.
struct Cookie {
  std::string_view name;
  std::string_view value;
  std::optional<std::int64_t> max_age_s = {};  ///< none: until the browser is closed; 0: it is deleted
  std::string_view path = "/";
  std::string_view domain = {};  ///< empty: of this host only
  bool secure = true;            ///< sent over TLS only
  bool http_only = true;         ///< scripts do not see it
  std::string_view same_site = "Lax";
};

inline constexpr std::size_t max_response_fields = 16;         ///< of all plugins, for one response
inline constexpr std::size_t max_response_field_bytes = 4096;  ///< of their names and values

/// Fields that say how the response is to be read, kept or routed: those are NGINX's and this module's.
inline constexpr std::string_view reserved_response_fields[] = {"accept-ranges",
                                                                "age",
                                                                "alt-svc",
                                                                "cache-control",
                                                                "clear-site-data",
                                                                "connection",
                                                                "content-digest",
                                                                "content-disposition",
                                                                "content-encoding",
                                                                "content-language",
                                                                "content-length",
                                                                "content-location",
                                                                "content-md5",
                                                                "content-range",
                                                                "content-security-policy",
                                                                "content-security-policy-report-only",
                                                                "content-type",
                                                                "date",
                                                                "digest",
                                                                "etag",
                                                                "expires",
                                                                "keep-alive",
                                                                "last-modified",
                                                                "location",
                                                                "pragma",
                                                                "proxy-authenticate",
                                                                "proxy-connection",
                                                                "refresh",
                                                                "repr-digest",
                                                                "server",
                                                                "set-cookie",
                                                                "status",
                                                                "strict-transport-security",
                                                                "te",
                                                                "trailer",
                                                                "transfer-encoding",
                                                                "upgrade",
                                                                "vary",
                                                                "via",
                                                                "www-authenticate"};

namespace response_text {

inline bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != marks.npos;
  });
}

/// All bytes are visible ASCII but those of `except`.
inline bool is_visible(std::string_view text, std::string_view except) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return c > ' ' && c <= '~' && except.find(c) == except.npos; });
}

inline bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; }) &&
         request_text::trim(text) == text;
}

/// Written by the module, or of those that only proxies before it are to see.
inline bool is_reserved(std::string_view name) {
  const auto begins = [&](std::string_view start) {
    return name.size() >= start.size() && request_text::same_name(name.substr(0, start.size()), start);
  };
  return begins("x-accel-") || begins("sec-") || begins("access-control-") || begins("proxy-") ||
         std::any_of(std::begin(reserved_response_fields), std::end(reserved_response_fields),
                     [&](std::string_view other) { return request_text::same_name(name, other); });
}

}  // namespace response_text

/// What one plugin adds to a response, which is private then: no shared cache keeps it. All functions throw
/// std::invalid_argument for what cannot be sent; then nothing of what the plugin added is.
class ResponseFields {
 public:
  /// For hosts. Names and values are in `arena`.
  ResponseFields(std::pmr::vector<Header>& fields, KnownAttributes known, rules::Arena& arena)
      : fields_(fields), known_(known), arena_(arena) {}

  /// Another field than those that are reserved, and no cookie: ASCII, without line breaks. Both are copied.
  void add(std::string_view name, std::string_view value) {
    if (!response_text::is_token(name) || name.size() > 64) refuse("cannot be the name of a field", name);
    if (response_text::is_reserved(name)) refuse("is a field that plugins may not add", name);
    if (!response_text::is_field_value(value)) refuse("has a value that cannot be sent", name);
    push(name, value);
  }

  void add(const Cookie& cookie) {
    check(cookie);
    std::string text(cookie.name);
    (text += '=') += cookie.value;
    if (cookie.max_age_s) text += "; Max-Age=" + std::to_string(*cookie.max_age_s);
    if (!cookie.domain.empty()) (text += "; Domain=") += cookie.domain;
    (text += "; Path=") += cookie.path;
    if (cookie.secure) text += "; Secure";
    if (cookie.http_only) text += "; HttpOnly";
    if (!cookie.same_site.empty()) (text += "; SameSite=") += cookie.same_site;
    push("Set-Cookie", text);
  }

  /// An attribute of any plugin.
  const rules::Value& get(rules::AttributeId id) const { return known_.get(id); }
  rules::Arena& arena() { return arena_; }

 private:
  [[noreturn]] static void refuse(const char* why, std::string_view name) {
    throw std::invalid_argument("\"" + std::string(name.substr(0, 64)) + "\" " + why);
  }

  static void check(const Cookie& cookie) {
    const auto is_one_of = [](std::string_view text, auto... allowed) { return ((text == allowed) || ...); };
    if (!response_text::is_token(cookie.name)) refuse("cannot be the name of a cookie", cookie.name);
    if (!response_text::is_visible(cookie.value, "\",;\\"))
      refuse("is a cookie whose value cannot be sent", cookie.name);
    if (cookie.max_age_s && *cookie.max_age_s < 0) refuse("is a cookie of negative age", cookie.name);
    if (cookie.path.empty() || cookie.path[0] != '/' || !response_text::is_visible(cookie.path, ",;"))
      refuse("is a cookie whose path cannot be sent", cookie.name);
    if (!response_text::is_visible(cookie.domain, "\",;=/:@\\"))
      refuse("is a cookie whose domain cannot be sent", cookie.name);
    if (!is_one_of(cookie.same_site, "", "Lax", "Strict", "None"))
      refuse("is a cookie whose SameSite is neither Lax nor Strict nor None", cookie.name);
    if (cookie.same_site == "None" && !cookie.secure)
      refuse("is a cookie with SameSite=None, but not Secure", cookie.name);
    const bool host_prefix = cookie.name.substr(0, 7) == "__Host-";
    if ((host_prefix || cookie.name.substr(0, 9) == "__Secure-") && !cookie.secure)
      refuse("is a cookie whose name demands Secure", cookie.name);
    if (host_prefix && (cookie.path != "/" || !cookie.domain.empty()))
      refuse("is a cookie whose name demands the path / and no domain", cookie.name);
  }

  void push(std::string_view name, std::string_view value) {
    std::size_t bytes = name.size() + value.size();
    for (const Header& field : fields_) bytes += field.name.size() + field.value.size();
    if (fields_.size() >= max_response_fields || bytes > max_response_field_bytes)
      throw std::invalid_argument("too many fields for the header of one response, or too long ones");
    fields_.push_back({rules::copy(arena_, name), rules::copy(arena_, value)});
  }

  std::pmr::vector<Header>& fields_;
  const KnownAttributes known_;
  rules::Arena& arena_;
};

}  // namespace personalize::plugins
