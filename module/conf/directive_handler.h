// Turns a function of ours into what NGINX calls for a directive.
#pragma once

#include "module/log/log.h"
#include "module/ngx.h"

namespace personalize::module {

/// `set` gets the configuration that the directive belongs to. It returns NGX_CONF_OK, what is wrong in NGINX's style
/// ("is duplicate"), or `conf_error` if it has logged that itself. It may throw.
template <class Conf, char* (*set)(ngx_conf_t* cf, const ngx_command_t& command, Conf& conf)>
char* handle(ngx_conf_t* cf, ngx_command_t* command, void* data) {
  return guarded(
      cf->log, [&] { return set(cf, *command, *static_cast<Conf*>(data)); }, [] { return conf_error; });
}

}  // namespace personalize::module
