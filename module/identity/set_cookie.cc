#include "module/identity/set_cookie.h"

#include <string>

#include "module/http/response.h"
#include "module/identity/visitor_cookie_conf.h"
#include "module/log/log.h"

namespace personalize::module {
namespace {

constexpr std::string_view secure = "; Secure";

bool is_encrypted(const ngx_http_request_t* r) {
#if (NGX_HTTP_SSL)
  return r->connection->ssl != nullptr;
#else
  return false;
#endif
}

bool add_set_cookie(ngx_http_request_t* r, std::string line) {
  if (is_encrypted(r)) line += secure;
  return add_header(r, "Set-Cookie", "set-cookie", line) != nullptr;
}

std::string_view issue(ngx_http_request_t* r, const VisitorCookieConf& conf) {
  const std::string value = conf.cookie.issue();
  if (value.empty() || !add_set_cookie(r, conf.cookie.name() + "=" + value + conf.attributes)) return {};
  ++counters().visitors_issued;
  return view(copy(r->pool, std::string_view(value).substr(0, engine::identity::VisitorCookie::id_size)));
}

}  // namespace

std::string_view answer_with_cookie(ngx_http_request_t* r, const LocationConf& conf, VisitorSource source,
                                    const engine::Visitor& visitor) {
  if (conf.visitor_cookie == nullptr || !*conf.visitor_cookie) return {};
  const VisitorCookieConf& cookie = **conf.visitor_cookie;
  const bool consents = visitor.personalization || visitor.measurement;
  if (source == VisitorSource::none && consents) return issue(r, cookie);
  if (source == VisitorSource::cookie && !consents && add_set_cookie(r, cookie.removal))
    ++counters().visitors_forgotten;
  return {};
}

}  // namespace personalize::module
