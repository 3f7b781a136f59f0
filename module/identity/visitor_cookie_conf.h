// personalize_visitor_cookie NAME [secret=FILE] [domain=D] [max_age=TIME] | off
#pragma once

#include <optional>
#include <string>

#include "engine/identity/visitor_cookie.h"
#include "module/identity/network_counts.h"
#include "module/shared_memory/zone.h"

namespace personalize::module {

struct LocationConf;

struct VisitorCookieConf {
  engine::identity::VisitorCookie cookie;
  std::string attributes;  ///< "; Path=/; Max-Age=…; …", what follows the value in Set-Cookie …
  std::string removal;     ///< … and the whole of one that takes the cookie away
  Zone<NetworkCounts> networks;
};

char* set_visitor_cookie(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

}  // namespace personalize::module
