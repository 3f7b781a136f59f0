// Who the visitor of a request is: by the shop's own id (personalize_visitor), else by our cookie
// (personalize_visitor_cookie).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "module/conf/conf.h"
#include "plugins/request.h"

namespace personalize::module {

enum class VisitorSource : std::uint8_t {
  none,     ///< nobody has given one
  shop,     ///< `personalize_visitor`
  cookie,   ///< our cookie, which was signed with one of the keys
  foreign,  ///< there is a cookie of that name, but it was not: it stays as it is
  shared,   ///< the id comes from so many networks that it is not one visitor's
};

struct FoundVisitor {
  std::string_view id;  ///< empty unless `shop` or `cookie`
  VisitorSource source = VisitorSource::none;
};

/// The bytes of the client's address, without the first twelve of an IPv4 address in IPv6's clothes; none of a Unix
/// socket.
std::span<const unsigned char> address_of(const ngx_connection_t& connection);

/// `request`: of `r`; its headers are looked at.
FoundVisitor find_visitor(ngx_http_request_t* r, const LocationConf& conf, const plugins::Request& request);

/// The shop's id of who is logged in, by `personalize_customer`; empty if there is none, or it is not valid.
std::string_view find_customer(ngx_http_request_t* r, const LocationConf& conf);

}  // namespace personalize::module
