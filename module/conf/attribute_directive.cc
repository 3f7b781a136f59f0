#include "module/conf/attribute_directive.h"

#include <algorithm>

#include "rules/text/ascii.h"

namespace personalize::module {
namespace {

/// Whether rules can write it after "nginx.".
bool is_identifier(std::string_view name) {
  return !name.empty() && !rules::text::is_ascii_digit(name[0]) && std::all_of(name.begin(), name.end(), [](char c) {
    return rules::text::is_ascii_alphanumeric(c) || c == '_';
  });
}

/// A text with `$name` or `${name}` in it; if not `whole`, also with longer names that begin so.
bool names_variable(std::string_view text, std::string_view name, bool whole) {
  for (std::size_t at = text.find('$'); at != text.npos; at = text.find('$', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('{')) rest.remove_prefix(1);
    if (!rest.starts_with(name)) continue;
    rest.remove_prefix(name.size());
    const bool goes_on = !rest.empty() && (rules::text::is_ascii_alphanumeric(rest[0]) || rest[0] == '_');
    if (!whole || !goes_on) return true;
  }
  return false;
}

/// Why rules cannot know such a value, or null.
const char* refuse_value(const TextWithVariables& value, std::string_view written) {
  if (value.constant()) return "contains no variable; write it like $jwt_claim_sub";
  if (names_variable(written, "personalize_", false)) return "is known when rules have been decided, and not before";
  for (std::string_view secret : {"http_cookie", "http_authorization", "http_proxy_authorization"})
    if (names_variable(written, secret, true)) return "has passwords and sessions, which rules could write into pages";
  return nullptr;
}

}  // namespace

char* set_attribute(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  auto* words = static_cast<ngx_str_t*>(cf->args->elts);
  AttributeConf attribute{std::string(view(words[1])), {}};
  if (!is_identifier(attribute.name)) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "personalize_attribute: \"%V\" cannot be a name in rules; write it like segment, with letters, "
                       "digits and _",
                       &words[1]);
    return conf_error;
  }
  if (!compile(cf, &words[2], attribute.value)) return conf_error;
  if (const char* why = refuse_value(attribute.value, view(words[2]))) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "personalize_attribute: \"%V\" %s", &words[2], why);
    return conf_error;
  }
  if (conf.attributes == nullptr) conf.attributes = make<std::vector<AttributeConf>>(cf->pool);
  if (conf.attributes == nullptr) return conf_error;
  const auto same = [&](const AttributeConf& known) { return known.name == attribute.name; };
  if (std::ranges::any_of(*conf.attributes, same)) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "personalize_attribute: there are two values for \"%V\"", &words[1]);
    return conf_error;
  }
  conf.attributes->push_back(std::move(attribute));
  return NGX_CONF_OK;
}

}  // namespace personalize::module
