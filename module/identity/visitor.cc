#include "module/identity/visitor.h"

#include "module/http/variables.h"
#include "module/identity/visitor_cookie_conf.h"
#include "module/log/log.h"

namespace personalize::module {
namespace {

FoundVisitor by_cookie(const engine::identity::VisitorCookie& cookie, const plugins::Request& request) {
  FoundVisitor visitor;
  plugins::request_text::visit_cookies(request, [&](std::string_view name, std::string_view value) {
    if (name != cookie.name()) return false;
    const auto id = cookie.verify(value);
    visitor = id ? FoundVisitor{*id, VisitorSource::cookie} : FoundVisitor{{}, VisitorSource::foreign};
    return id.has_value();
  });
  return visitor;
}

bool is_shared(ngx_http_request_t* r, const VisitorCookieConf& conf, std::string_view id) {
  const std::span<const unsigned char> address = address_of(*r->connection);
  if (address.empty()) return false;
  using enum NetworkCounts::Verdict;
  const auto verdict = conf.networks.root()->add(id, network_of(address), static_cast<std::uint32_t>(ngx_time()));
  if (verdict == usual) return false;
  ++counters().visitors_shared;
  if (verdict == now_shared)
    log_limited(Topic::identity, NGX_LOG_ERR, r->connection->log,
                "a visitor's id comes from more than %uz networks within an hour and is not believed any more: does a "
                "cache in front of NGINX keep Set-Cookie?",
                NetworkCounts::max_networks);
  return true;
}

}  // namespace

std::span<const unsigned char> address_of(const ngx_connection_t& connection) {
  if (connection.sockaddr->sa_family == AF_INET) {
    const auto& address = *reinterpret_cast<const sockaddr_in*>(connection.sockaddr);
    return {reinterpret_cast<const unsigned char*>(&address.sin_addr), sizeof address.sin_addr};
  }
#if (NGX_HAVE_INET6)
  if (connection.sockaddr->sa_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6*>(connection.sockaddr)->sin6_addr;
    const std::span bytes(reinterpret_cast<const unsigned char*>(&address), sizeof address);
    return IN6_IS_ADDR_V4MAPPED(&address) ? bytes.subspan(12) : bytes;
  }
#endif
  return {};
}

std::string_view find_customer(ngx_http_request_t* r, const LocationConf& conf) {
  if (conf.customer == nullptr) return {};
  const std::string_view text = value_of(r, *conf.customer);
  return plugins::valid_visitor_id(text) ? text : std::string_view();
}

FoundVisitor find_visitor(ngx_http_request_t* r, const LocationConf& conf, const plugins::Request& request) {
  FoundVisitor visitor;
  if (conf.visitor != nullptr) {
    const std::string_view text = value_of(r, *conf.visitor);
    if (plugins::valid_visitor_id(text)) visitor = {text, VisitorSource::shop};
  }
  if (conf.visitor_cookie == nullptr || !*conf.visitor_cookie) return visitor;
  const VisitorCookieConf& cookie = **conf.visitor_cookie;
  if (visitor.id.empty()) visitor = by_cookie(cookie.cookie, request);
  if (visitor.source == VisitorSource::foreign) ++counters().visitors_foreign;
  if (!visitor.id.empty() && is_shared(r, cookie, visitor.id)) return {{}, VisitorSource::shared};
  return visitor;
}

}  // namespace personalize::module
