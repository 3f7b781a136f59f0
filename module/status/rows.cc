#include "module/status/rows.h"

namespace personalize::module {
namespace {

constexpr StatusRow rows[] = {
    {"responses", "", "Responses that were looked at", &Counters::requests},
    {"personalized", "", "Pages that rules had edits for", &Counters::personalized},
    {"held", "held_total", "Pages that waited for a reply", &Counters::held},
    {"deadline_missed", "deadline_missed_total", "Pages decided without a reply that was asked for",
     &Counters::deadline_missed},
    {"exceptions", "exceptions_total", "Exceptions; the page went out as it came", &Counters::exceptions},
    {"plugin_failures", "plugin_failures_total", "Plugins that failed for a request", &Counters::plugin_failures},
    {"bodies_broken", "bodies_broken_total", "Encoded pages that could not be decoded to their end",
     &Counters::bodies_broken},
    {"rules_replaced", "rules_replaced_total", "Changed rule files that were taken into use",
     &Counters::rules_replaced},
    {"rules_refused", "rules_refused_total", "Changed rule files that could not be used", &Counters::rules_refused},
    {"rules_compiled", "rules_compiled_total", "Rule sets that workers compiled after files had changed",
     &Counters::rules_compiled},
    {"redis_queries", "redis_queries_total", "Commands sent to Redis", &Counters::redis_queries},
    {"redis_errors", "redis_errors_total", "Replies of Redis that were errors", &Counters::redis_errors},
    {"redis_disconnects", "redis_disconnects_total", "Connections to Redis that failed or were given up",
     &Counters::redis_disconnects},
    {"redis_refused", "redis_refused_total", "Pages that did not ask because no connection was healthy",
     &Counters::redis_refused},
    {"redis_writes_lost", "redis_writes_lost_total",
     "Writes of plugins that Redis could not be told of, or did not answer", &Counters::redis_writes_lost},
    {"redis_recoveries", "redis_recoveries_total", "Connections to Redis that came back", &Counters::redis_recoveries},
    {"redis_shared", "redis_shared_total", "Queries that were not sent, because the same was in flight",
     &Counters::redis_shared},
    {"redis_redirects", "redis_redirects_total", "Replies that said that a key is elsewhere in the cluster",
     &Counters::redis_redirects},
    {"redis_moves", "redis_moves_total", "Times that Sentinels or a cluster named other masters",
     &Counters::redis_moves},
    {"profile_cache_hits", "profile_cache_hits_total", "Queries that the cache of profiles answered",
     &Counters::cache_hits},
    {"profile_cache_misses", "profile_cache_misses_total", "Queries that it could not answer", &Counters::cache_misses},
    {"profile_cache_evictions", "profile_cache_evictions_total", "Profiles that had to make room while they were good",
     &Counters::cache_evictions},
    {"plans_built", "plans_built_total", "Splice plans made, and kept with their pages", &Counters::plans_built},
    {"plans_used", "plans_used_total", "Pages put together from a plan", &Counters::plans_used},
    {"plans_evicted", "plans_evicted_total", "Plans that others took the room of", &Counters::plans_evicted},
    {"plans_refused", "plans_refused_total", "Plans that found no room: the zone is too small",
     &Counters::plans_refused},
    {"workers_without_zone", "workers_without_zone",
     "Workers that stream all pages until the zone has a place for them", nullptr, GaugeName::workers_without_zone},
    {"not_modified", "not_modified_total", "Visitors who had their page already", &Counters::not_modified},
    {"weather_fresh", "weather_fresh_total", "Pages that had recent weather", &Counters::weather_fresh},
    {"weather_stale", "weather_stale_total", "Pages that had older weather", &Counters::weather_stale},
    {"weather_unknown", "weather_unknown_total", "Pages that wanted weather and had none", &Counters::weather_unknown},
    {"weather_fetches", "weather_fetches_total", "Weather reports asked for", &Counters::weather_fetches},
    {"weather_refused", "weather_refused_total", "Weather reports refused with an error", &Counters::weather_refused},
    {"weather_broken", "weather_broken_total", "Weather reports that did not come, or not to their end",
     &Counters::weather_broken},
    {"weather_unreadable", "weather_unreadable_total", "Weather reports that were none or too long",
     &Counters::weather_unreadable},
    {"weather_limited", "weather_limited_total", "Pages whose weather was not asked for, because of max_fetches",
     &Counters::weather_limited},
    {"weather_recoveries", "weather_recoveries_total", "Weather reports after failures", &Counters::weather_recoveries},
    {"redis_timeouts", "redis_timeouts_total", "Queries that a page gave up waiting for", &Counters::redis_timeouts},
    {"redis_ready", "redis_connections", "Healthy connections to Redis", nullptr, GaugeName::redis_ready},
    {"redis_broken", "redis_breakers_open", "Connections to Redis whose breaker is open or half open", nullptr,
     GaugeName::redis_broken},
};

constexpr HistogramRow histograms[] = {
    {"decide", "Attributes, decision and content of one page", &Counters::decide},
    {"rewrite", "Rewriting one page's body", &Counters::rewrite},
};

}  // namespace

std::span<const StatusRow> status_rows() { return rows; }
std::span<const HistogramRow> histogram_rows() { return histograms; }

}  // namespace personalize::module
