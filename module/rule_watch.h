// Rule files that change while NGINX runs: each worker takes in a good set by itself.
#pragma once

#include "module/conf.h"

namespace personalize::nginx {

/// In a worker: begins to watch the rule files of this configuration, unless it says not to.
void start_rule_watch(MainConf& main, ngx_log_t* log);
/// Before the worker ends; waits for rules that are being loaded.
void stop_rule_watch();

}  // namespace personalize::nginx
