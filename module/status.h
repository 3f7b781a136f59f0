// personalize_status: what is going on, for people and for Prometheus.
#pragma once

#include <string>

#include "module/conf.h"
#include "module/counters.h"

namespace personalize::nginx {

inline constexpr std::size_t most_workers = 64;  ///< with slots of their own; more share

/// The slots of all workers, in shared memory.
struct StatusZone {
  Counters slots[most_workers];
};

/// Once per configuration: asks NGINX for the shared memory.
char* add_status_zone(ngx_conf_t* cf);
/// In a worker, before it serves: it counts into its slot from now on.
void use_status_zone();
/// Null until NGINX made the shared memory.
const StatusZone* status_zone();

/// The directive `personalize_status`.
char* set_status(ngx_conf_t* cf, ngx_command_t* command, void* conf);

/// status_text.cc
std::string status_json(const StatusZone& zone, const MainConf& main);
std::string status_prometheus(const StatusZone& zone, const MainConf& main);

}  // namespace personalize::nginx
