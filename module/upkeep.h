// What plugins do between requests, such as taking in a geo database whose file was replaced.
#pragma once

#include "module/conf.h"

namespace personalize::nginx {

/// In a worker: begins to look after the engines of this configuration, once a second.
void start_upkeep(MainConf& main, ngx_log_t* log);
/// Before the worker ends.
void stop_upkeep();

}  // namespace personalize::nginx
