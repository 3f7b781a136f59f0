// Warnings of directives that can have no effect, after the whole configuration has been read.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

/// In a directive's handler: remembers where it is written.
void note_written(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);
/// When levels are merged, `conf` already has what it inherits.
void note_location(ngx_conf_t* cf, const LocationConf& parent, LocationConf& conf);
/// One warning for each place where a directive is written that works in no location.
void warn_of_no_effect(ngx_conf_t* cf, const MainConf& main);

}  // namespace personalize::module
