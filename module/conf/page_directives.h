// `personalize_types` and `personalize_statuses`.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

char* set_types(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);
char* set_statuses(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

}  // namespace personalize::module
