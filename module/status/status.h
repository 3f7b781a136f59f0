// personalize_status: counters and states, as JSON and for Prometheus.
#pragma once

#include <string>
#include <vector>

#include "module/conf/conf.h"
#include "module/status/counters.h"
#include "module/status/outages.h"
#include "module/status/rule_counts.h"
#include "module/status/worker_note.h"

namespace personalize::module {

inline constexpr std::size_t max_worker_slots = 64;   ///< with slots of their own; more share
inline constexpr std::size_t max_gauge_slots = 1024;  ///< no NGINX has more processes

inline constexpr std::size_t max_told_locations = 1024;  ///< with a place of their own; more share

/// In shared memory; all zero is a valid initial state.
struct StatusZone {
  Counters slots[max_worker_slots];
  Gauges gauges[max_gauge_slots];      ///< by number of the worker
  WorkerNote notes[max_worker_slots];  ///< under the zone's lock
  CountedRules rules;
  Count unreadable[max_told_locations];  ///< the last configuration for which this was logged, by the location's number
  Count rule_news[max_rule_sets];        ///< a hash of what was last logged about a rule set's files
  Outages outages;
};

/// Once per configuration: adds the zone.
char* add_status_zone(ngx_conf_t* cf, MainConf& main);
/// In a worker, before it serves requests: from now on it counts in its slot.
void use_status_zone(const MainConf& main);

/// Writes this worker's note for the others to read; to be called once a second, and when something has changed.
void write_worker_note(const MainConf& main);
/// The notes of all workers that serve requests.
std::vector<WorkerNote> worker_notes();

/// Over all workers that serve requests.
std::uint64_t gauge_sum(GaugeName gauge);

/// Assigns counters to the set's rules.
void count_rules(PreparedRules& set);

/// True for the first worker that has this to log about rule set number `set`.
bool note_rule_news(std::size_t set, std::uint64_t what);

/// True for the first worker, since the configuration `load` was read, that has to log that pages of location number
/// `location` cannot be read.
bool note_unreadable(std::size_t location, std::uint64_t load);

/// True for the worker that should log that outage, or its end.
bool begin_outage(std::uint64_t server);
bool end_outage(std::uint64_t server);

/// The directive `personalize_status`.
char* set_status(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

/// json.cc, prometheus.cc: the whole status as text.
std::string status_json(const StatusZone& zone, const MainConf& main);
std::string status_prometheus(const StatusZone& zone, const MainConf& main);

}  // namespace personalize::module
