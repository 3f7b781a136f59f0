// Rule files that change while NGINX runs; each worker loads them itself.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

/// In a worker: logs the mistakes that rules had when the configuration was read.
void say_mistakes_of_start(const MainConf& main, ngx_log_t* log);
/// In a worker: begins to watch the rule files of this configuration, unless `personalize_watch` is off.
void start_rule_watch(MainConf& main, ngx_log_t* log);
/// Before the worker ends; waits for rules that are being loaded.
void stop_rule_watch();

}  // namespace personalize::module
