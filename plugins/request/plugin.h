// request.*: what the request itself says.
#pragma once

#include <string>
#include <vector>

#include "plugins/built_in_plugin.h"
#include "plugins/request/language_matcher.h"

namespace personalize::plugins {

class RequestPlugin : public BuiltInPlugin {
 public:
  std::string_view name() const override { return "request"; }
  void configure_host(const HostSettings& settings) override;
  void configure(const Settings& settings) override;
  void apply_rule_settings(const RuleSettings& settings) override;
  std::span<const AttributeRow> attributes() const override;
  std::span<const RoleRow> roles() const override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

  enum Field : std::uint8_t {
    method,
    scheme,
    host,
    path,
    path_segment,
    query,
    cookies,
    language,
    locale,
    languages,
    referrer,
    referrer_host,
    referrer_class,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_term,
    utm_content,
    headers,
    field_count,
  };

 private:
  void resolve_query(const Request& request, Attributes& attributes) const;
  void resolve_language(const Request& request, Attributes& attributes) const;
  void resolve_referrer(const Request& request, Attributes& attributes) const;
  static std::string_view joined_header(const Request& request, std::string_view name, rules::Arena& arena);
  rules::Value headers_of(const Request& request, rules::Arena& arena) const;
  rules::Value cookies_of(const Request& request, rules::Arena& arena) const;
  /// Sets the attribute if the text is UTF-8 and not empty.
  void set_text(Field field, std::string_view text, Attributes& attributes) const;

  /// A header field that rules may see.
  struct NamedHeader {
    std::string name, key;
  };
  std::vector<NamedHeader> headers_;
  std::vector<std::string> cookie_names_;
  LanguageMatcher shop_languages_{{}};
};

}  // namespace personalize::plugins
