// `personalize_attribute NAME $variable`.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

char* set_attribute(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

}  // namespace personalize::module
