// What NGINX calls for a directive, made of a function of ours.
#pragma once

#include "module/ngx.h"
#include "module/worker/log.h"

namespace personalize::module {

/// `set` gets the configuration that the directive stands in. It returns NGX_CONF_OK, what is wrong as NGINX words it
/// ("is duplicate"), or `conf_error` if it has logged what is wrong. It may throw.
template <class Conf, char* (*set)(ngx_conf_t* cf, const ngx_command_t& command, Conf& conf)>
char* handle(ngx_conf_t* cf, ngx_command_t* command, void* data) {
  return guarded(
      cf->log, [&] { return set(cf, *command, *static_cast<Conf*>(data)); }, [] { return conf_error; });
}

}  // namespace personalize::module
