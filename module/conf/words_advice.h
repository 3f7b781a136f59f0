// Warnings of what a directive says, as soon as it has been read: settings that are valid, but hardly meant.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

/// `conf` has what `command` says.
void advise_of_words(ngx_conf_t* cf, const ngx_command_t& command, const LocationConf& conf);

}  // namespace personalize::module
