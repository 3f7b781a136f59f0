// The status' plain numbers, one line each, in the order in which it lists them. The members of `Counters` and
// `GaugeName` and the names in JSON and for Prometheus are generated from these lines.
#pragma once

// COUNTER(name, help): never falls; <name> in JSON, personalize_<name>_total for Prometheus.
// PART(name, help):    the same in JSON, but for Prometheus it is part of a family (families.h).
// GAUGE(name, metric, help): rises and falls; <name> in JSON, personalize_<metric> for Prometheus.
#define PERSONALIZE_NUMBERS(COUNTER, PART, GAUGE)                                                       \
  PART(responses, "Responses that were looked at")                                                      \
  PART(personalized, "Pages that rules had edits for")                                                  \
  COUNTER(held, "Pages that waited for a reply")                                                        \
  COUNTER(deadline_missed, "Pages decided without a reply that was asked for")                          \
  COUNTER(exceptions, "Exceptions; the page went out as it came")                                       \
  COUNTER(payment_guarded, "Edits that were left out because they would have changed payment forms")    \
  COUNTER(plugin_failures, "Plugins that failed for a request")                                         \
  COUNTER(location_fetches, "Requests to locations that plugins asked for")                             \
  COUNTER(location_failures, "Requests to locations that gave no usable answer")                        \
  COUNTER(location_timeouts, "Of those, requests that took longer than the plugin allowed")             \
  COUNTER(bodies_broken, "Encoded pages that could not be decoded completely")                          \
  COUNTER(rules_replaced, "Changed rule files that were taken into use")                                \
  COUNTER(rules_refused, "Changed rule files that could not be used")                                   \
  COUNTER(rules_compiled, "Rule sets that workers compiled after files had changed")                    \
  COUNTER(redis_queries, "Commands sent to Redis")                                                      \
  COUNTER(redis_errors, "Replies of Redis that were errors")                                            \
  COUNTER(redis_disconnects, "Connections to Redis that failed or were given up")                       \
  COUNTER(redis_refused, "Pages that did not ask because no connection was healthy")                    \
  COUNTER(redis_writes_lost, "Writes of plugins that could not be sent to Redis, or were not answered") \
  COUNTER(redis_recoveries, "Connections to Redis that came back")                                      \
  COUNTER(redis_shared, "Queries that were not sent because the same one was in flight")                \
  COUNTER(redis_redirects, "Replies that said that a key is elsewhere in the cluster")                  \
  COUNTER(redis_moves, "Times that Sentinels or a cluster named other masters")                         \
  COUNTER(events_values_ignored, "Values that are not what an event's field needs")                     \
  COUNTER(events_forms_unread, "Bodies of requests that events ask for, but that could not be read")    \
  COUNTER(events_logged, "Events that are in the log for sure")                                         \
  COUNTER(profile_cache_hits, "Queries that the cache of profiles answered")                            \
  COUNTER(profile_cache_misses, "Queries that the cache of profiles could not answer")                  \
  COUNTER(profile_cache_evictions, "Profiles evicted while they were still valid")                      \
  COUNTER(visitors_issued, "Cookies given to visitors without an id")                                   \
  COUNTER(visitors_foreign, "Pages for visitors whose cookie was signed with none of the keys")         \
  COUNTER(visitors_forgotten, "Cookies taken back because consent was withdrawn")                       \
  COUNTER(visitors_shared, "Pages for visitors whose id comes from too many networks")                  \
  COUNTER(plans_built, "Splice plans made and kept with their pages")                                   \
  COUNTER(plans_used, "Pages spliced from a plan")                                                      \
  COUNTER(plans_evicted, "Plans evicted to make room for others")                                       \
  COUNTER(plans_refused, "Plans for which the zone had no room: it is too small")                       \
  GAUGE(workers_without_zone, workers_without_zone,                                                     \
        "Workers that stream all pages until the zone has a place for them")                            \
  COUNTER(not_modified, "Visitors who had their page already")                                          \
  COUNTER(weather_fresh, "Pages that had recent weather")                                               \
  COUNTER(weather_stale, "Pages that had older weather")                                                \
  COUNTER(weather_unknown, "Pages that needed weather and had none")                                    \
  COUNTER(weather_fetches, "Weather reports asked for")                                                 \
  COUNTER(weather_refused, "Weather reports refused with an error")                                     \
  COUNTER(weather_broken, "Weather reports that did not come, or not completely")                       \
  COUNTER(weather_unreadable, "Weather reports that could not be understood or were too long")          \
  COUNTER(weather_limited, "Pages whose weather was not asked for, because of max_fetches")             \
  COUNTER(weather_recoveries, "Weather reports after failures")                                         \
  COUNTER(redis_timeouts, "Queries that a page gave up waiting for")                                    \
  GAUGE(redis_ready, redis_connections, "Healthy connections to Redis")                                 \
  GAUGE(redis_broken, redis_breakers_open, "Connections to Redis whose breaker is open or half open")

/// For kinds of numbers that are to be left out.
#define PERSONALIZE_NO_NUMBER(...)
