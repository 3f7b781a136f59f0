#include "plugins/request/plugin.h"

#include <algorithm>
#include <iterator>

#include "plugins/request/language.h"
#include "plugins/request/query.h"
#include "plugins/request/referrer.h"
#include "rules/text/ascii.h"
#include "rules/text/utf8.h"

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;
using rules::text::is_valid_utf8;

constexpr std::size_t max_header_bytes = 2048;  // of a referrer or cookie that is looked at

constexpr AttributeRow request_rows[] = {
    {"method", {Kind::string}, "GET, POST, …"},
    {"scheme", {Kind::string}, "http or https"},
    {"host", {Kind::string}, "host in lower case, without port"},
    {"path", {Kind::string}, "decoded path without query"},
    {"path_segment", {Kind::list, Kind::string}, "parts of the path between slashes: request.path_segment[0]"},
    {"query", {Kind::map, Kind::string}, "query parameters, decoded: request.query.color"},
    {"cookies", {Kind::map, Kind::string}, "those cookies that the configuration allows rules to see"},
    {"language", {Kind::string}, "best of the configured languages; without such a list the visitor's first: de"},
    {"locale", {Kind::string}, "the visitor's first language with its region: de-AT"},
    {"languages", {Kind::list, Kind::string}, "all of the visitor's languages, best first"},
    {"referrer", {Kind::string}, "address of the page that linked here"},
    {"referrer_host", {Kind::string}, "its host, in lower case"},
    {"referrer_class", {Kind::string}, "direct, internal, search, social, email or external", referrer_classes},
    {"utm_source", {Kind::string}, "query parameter utm_source"},
    {"utm_medium", {Kind::string}, "query parameter utm_medium"},
    {"utm_campaign", {Kind::string}, "query parameter utm_campaign"},
    {"utm_term", {Kind::string}, "query parameter utm_term"},
    {"utm_content", {Kind::string}, "query parameter utm_content"},
    {"headers",
     {Kind::map, Kind::string},
     "those header fields that the configuration allows rules to see; case does not matter"},
};
static_assert(std::size(request_rows) == RequestPlugin::field_count);

constexpr std::size_t max_path_segments = 64;  // further ones are not looked at

/// Without empty ones: "/p//a/" has two.
Value segments_of(std::string_view path, rules::Arena& arena) {
  auto* segments = static_cast<Value*>(arena.allocate(max_path_segments * sizeof(Value), alignof(Value)));
  std::size_t count = 0;
  while (!path.empty() && count < max_path_segments) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end != 0) new (segments + count++) Value(Value::string(path.substr(0, end)));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return Value::list({segments, count});
}

std::string_view lower(std::string_view text, rules::Arena& arena) {
  auto* copy = static_cast<char*>(arena.allocate(text.size(), 1));
  std::transform(text.begin(), text.end(), copy, [](char c) { return html::ascii_lower(c); });
  return {copy, text.size()};
}

}  // namespace

void RequestPlugin::configure_host(const HostSettings& settings) {
  for (const std::string& name : settings.headers) headers_.push_back({name, rules::header_key(name)});
}

void RequestPlugin::configure(const Settings& settings) {
  cookie_names_ = settings.cookies;
  shop_languages_ = LanguageMatcher(settings.languages);
}

void RequestPlugin::apply_rule_settings(const RuleSettings& settings) {
  if (!settings.languages.empty()) shop_languages_ = LanguageMatcher(settings.languages);
}

std::span<const AttributeRow> RequestPlugin::attributes() const { return request_rows; }

std::span<const RoleRow> RequestPlugin::roles() const {
  static constexpr RoleRow rows[] = {
      {locale, rules::Role::locale},
      {language, rules::Role::language},
      {headers, rules::Role::headers},
  };
  return rows;
}

void RequestPlugin::set_text(Field field, std::string_view text, Attributes& attributes) const {
  if (!text.empty() && attributes.wants(field) && is_valid_utf8(text)) attributes.set(field, Value::string(text));
}

void RequestPlugin::resolve(const Request& request, std::span<const Reply>, Attributes& attributes) const {
  set_text(method, request.method, attributes);
  set_text(scheme, request.scheme, attributes);
  set_text(host, request.host, attributes);
  set_text(path, request.path, attributes);
  if (attributes.wants(path_segment) && is_valid_utf8(request.path))
    attributes.set(path_segment, segments_of(request.path, attributes.arena()));
  if (attributes.wants(cookies)) attributes.set(cookies, cookies_of(request, attributes.arena()));
  if (attributes.wants(headers)) attributes.set(headers, headers_of(request, attributes.arena()));
  resolve_query(request, attributes);
  resolve_language(request, attributes);
  resolve_referrer(request, attributes);
}

void RequestPlugin::resolve_query(const Request& request, Attributes& attributes) const {
  const auto wanted = [&](Field field) { return attributes.wants(field); };
  const bool any_utm =
      wanted(utm_source) || wanted(utm_medium) || wanted(utm_campaign) || wanted(utm_term) || wanted(utm_content);
  if (!wanted(query) && !any_utm) return;
  const Value parameters = parse_query(request.query, attributes.arena());
  attributes.set(query, parameters);
  for (int field = utm_source; field <= utm_content && any_utm; ++field)
    if (const Value value = find(parameters, request_rows[field].name); !value.missing() && !value.text().empty())
      attributes.set(field, value);
}

void RequestPlugin::resolve_language(const Request& request, Attributes& attributes) const {
  if (!attributes.wants(language) && !attributes.wants(locale) && !attributes.wants(languages)) return;
  rules::Arena& arena = attributes.arena();
  const auto accepted = accepted_languages(request.header("accept-language"), arena);
  if (!shop_languages_.empty())
    attributes.set(language, Value::string(shop_languages_.best(accepted)));
  else if (!accepted.empty())
    attributes.set(language, Value::string(accepted[0].substr(0, accepted[0].find('-'))));
  if (accepted.empty()) return;
  attributes.set(locale, Value::string(accepted[0]));
  auto* list = static_cast<Value*>(arena.allocate(accepted.size() * sizeof(Value), alignof(Value)));
  std::transform(accepted.begin(), accepted.end(), list, [](std::string_view tag) { return Value::string(tag); });
  attributes.set(languages, Value::list({list, accepted.size()}));
}

void RequestPlugin::resolve_referrer(const Request& request, Attributes& attributes) const {
  if (!attributes.wants(referrer) && !attributes.wants(referrer_host) && !attributes.wants(referrer_class)) return;
  std::string_view url = request.header("referer");
  if (url.size() > max_header_bytes || !is_valid_utf8(url)) url = {};
  set_text(referrer, url, attributes);
  const std::string_view from = lower(host_of_url(url), attributes.arena());
  set_text(referrer_host, from, attributes);
  if (!attributes.wants(referrer_class)) return;
  const Value medium = find(parse_query(request.query, attributes.arena()), "utm_medium");
  attributes.set(referrer_class,
                 Value::string(referrer_class_of(from, request.host, medium.missing() ? "" : medium.text())));
}

/// The value of a field that may be on several lines, joined as RFC 9110 (5.3) says; empty if it is too long.
std::string_view RequestPlugin::joined_header(const Request& request, std::string_view name, rules::Arena& arena) {
  constexpr std::string_view separator = ", ";
  std::size_t size = 0, lines = 0;
  std::string_view only;
  for (const Header& header : request.headers) {
    if (header.value.empty() || !request_text::same_name(header.name, name)) continue;
    size += header.value.size() + (lines++ != 0 ? separator.size() : 0);
    only = header.value;
  }
  if (size > max_header_bytes || lines < 2) return size > max_header_bytes ? std::string_view() : only;
  auto* joined = static_cast<char*>(arena.allocate(size, 1));
  char* end = joined;
  for (const Header& header : request.headers) {
    if (header.value.empty() || !request_text::same_name(header.name, name)) continue;
    if (end != joined) end = std::ranges::copy(separator, end).out;
    end = std::ranges::copy(header.value, end).out;
  }
  return {joined, static_cast<std::size_t>(end - joined)};
}

Value RequestPlugin::headers_of(const Request& request, rules::Arena& arena) const {
  auto* entries = static_cast<rules::MapEntry*>(
      arena.allocate(headers_.size() * sizeof(rules::MapEntry), alignof(rules::MapEntry)));
  std::size_t size = 0;
  for (const NamedHeader& header : headers_) {
    const std::string_view value = joined_header(request, header.name, arena);
    if (value.empty() || !is_valid_utf8(value)) continue;
    new (entries + size++) rules::MapEntry{Value::string(header.key), Value::string(value)};
  }
  return Value::map({entries, size});
}

Value RequestPlugin::cookies_of(const Request& request, rules::Arena& arena) const {
  auto* entries = static_cast<rules::MapEntry*>(
      arena.allocate(cookie_names_.size() * sizeof(rules::MapEntry), alignof(rules::MapEntry)));
  std::size_t size = 0;
  for (const std::string& name : cookie_names_) {
    const std::string_view value = request.cookie(name);
    if (value.empty() || value.size() > max_header_bytes || !is_valid_utf8(value)) continue;
    new (entries + size++) rules::MapEntry{Value::string(name), Value::string(value)};
  }
  return Value::map({entries, size});
}

}  // namespace personalize::plugins
