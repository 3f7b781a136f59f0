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

/// Why rules cannot know such a value, or null.
const char* refuse_value(const TextWithVariables& value, std::string_view written) {
  if (value.constant()) return "contains no variable; write it like $jwt_claim_sub";
  if (written.find("$personalize_") != written.npos || written.find("${personalize_") != written.npos)
    return "is known when rules have been decided, and not before";
  for (std::string_view secret : {"$http_cookie", "$http_authorization", "$http_proxy_authorization"})
    if (written == secret) return "has passwords and sessions, which rules could write into pages";
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
