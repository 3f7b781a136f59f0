// What plugins do between requests, such as loading a geo database whose file was replaced.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

/// In a worker: from now on calls the plugins of this configuration once a second.
void start_maintenance(MainConf& main, ngx_log_t* log);
/// Before the worker ends.
void stop_maintenance();

}  // namespace personalize::module
