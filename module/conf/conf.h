// The configuration of a location, and what is derived from it when it is loaded.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/redis/options.h"
#include "engine/rules/last_good.h"
#include "engine/rules/script_report.h"
#include "engine/rules/watched_rules.h"
#include "module/coding/wanted_coding.h"
#include "module/conf/written.h"
#include "module/http/variables.h"
#include "module/ngx.h"
#include "module/redis/tls.h"
#include "module/shared_memory/zone.h"
#include "module/splicing/filter_effects.h"
#include "module/splicing/packed_fragments.h"
#include "module/splicing/plan_key.h"
#include "module/splicing/splice_recipes.h"
#include "module/weather/service.h"
#include "plugins/settings_option.h"

namespace personalize::module {

struct StatusZone;
struct EventLogConf;
struct VisitorCookieConf;  // module/identity/visitor_cookie_conf.h
struct BeaconConf;

namespace redis {
class ReplyCache;
using CacheZone = Zone<ReplyCache>;
}  // namespace redis

enum class Mode : std::uint8_t {
  off,
  on,
  dry_run,  ///< decides and reports, changes nothing
  observe,  ///< makes events, changes and decides nothing
};

/// `personalize_no_transform`.
enum class NoTransform : ngx_uint_t { obey, ignore };

/// One `personalize_redis`: where visitors' profiles come from.
struct RedisConf : engine::redis::Options {
  const redis::Tls* tls = nullptr;
};

/// `personalize_profile_cache`.
struct CacheConf {
  redis::CacheZone zone;  ///< none: off
  ngx_msec_t valid = 0;   ///< for how long replies are kept

  bool operator==(const CacheConf&) const = default;
};

/// A rule set and what is derived from it, once for all engines that use it.
struct PreparedRules {
  explicit PreparedRules(std::shared_ptr<const rules::RuleSet> compiled)
      : rules(std::move(compiled)),
        selectors(hash_selectors(*rules)),
        plans(hash_plans(*rules, selectors)),
        scripts(rules) {}

  std::shared_ptr<const rules::RuleSet> rules;
  PlanKey selectors;                    ///< of the ETag's key …
  PlanKey plans;                        ///< … and of plans': with the facts that they keep
  PackedFragments fragments;            ///< of the rules' content
  SpliceRecipes recipes;                ///< for the edits of its rules
  std::vector<std::uint16_t> counters;  ///< by rule, see `CountedRules`; empty in a process that counts nothing
  engine::ScriptReport scripts;
};

/// A page keeps the revision that it began with.
struct RulesRevision {
  std::shared_ptr<const engine::Engine> engine;
  std::shared_ptr<PreparedRules> rules;  ///< the engine's
};

/// `personalize_rules_check`.
enum class RulesCheck : ngx_uint_t {
  warn,    ///< NGINX starts although rules have mistakes
  strict,  ///< … it does not
};

/// What a location's directives say about its rules.
struct RulesConf {
  std::vector<std::string> paths;  ///< may contain wildcards; empty: no rules
  std::string last_good;           ///< folder; empty: nothing is kept
  RulesCheck check = RulesCheck::warn;
};

/// What is used instead of files that had mistakes when the configuration was read.
enum class StandIn : std::uint8_t { nothing, in_use, last_good };

/// What is loaded for one set of rule files and plugin settings, shared by all locations that have the same.
struct LoadedEngine {
  plugins::HostSettings settings;
  std::shared_ptr<RulesRevision> revision;        ///< for new requests; replaced when rules change
  std::string refusal;                            ///< why the current files cannot be used, or empty
  rules::Diagnostics mistakes;                    ///< all that there were when the configuration was read …
  StandIn stand_in = StandIn::nothing;            ///< … and what is used instead
  std::string last_good;                          ///< folder in which the master keeps good rules, or empty
  std::shared_ptr<const engine::LiveRules> live;  ///< texts of the rules in use, for the next reload; null: no rules
  bool has_profiles = false;                      ///< some location that uses it has `personalize_visitor` and a Redis

  const rules::RuleSet& rule_set() const { return *revision->rules->rules; }
};

struct RulesBeingRead;  // engines.cc

/// One set of rule files and the engines that use it. Engines whose plugins provide the same attributes share a
/// compiled rule set.
struct LoadedRules {
  std::vector<std::string> paths;  ///< may contain wildcards; none: engines without rules
  std::vector<std::unique_ptr<LoadedEngine>> engines;
  std::shared_ptr<RulesBeingRead> reading;      ///< while the configuration is being read
  engine::FileSnapshots seen_files;             ///< as they were read when the configuration was loaded
  std::unique_ptr<engine::WatchedRules> watch;  ///< in workers, if rules are watched

  /// For the status: an engine that uses the current files, if there is one.
  const LoadedEngine& first() const;
  /// Why some engine cannot use the current files; empty if all can.
  std::string refusal() const;
  /// The rule sets in use, each once.
  std::vector<PreparedRules*> sets() const;
  /// That of the engines which have this rule set already, or a new one.
  std::shared_ptr<PreparedRules> prepare(const std::shared_ptr<const rules::RuleSet>& rules) const;
};

/// Everything in a location that determines which profile a page gets and how it is used. Locations for which all of it
/// is the same share one: after an internal redirect, comparing pointers tells whether to start over.
struct ProfileSource {
  const LoadedEngine* engine;
  ngx_uint_t redis;     ///< position in `MainConf::redis`, or no_redis
  CacheConf cache;      ///< of profiles
  std::string visitor;  ///< `personalize_visitor` as written
  const std::optional<VisitorCookieConf>* visitor_cookie;
  std::string customer;    ///< `personalize_customer` as written
  std::string prefix;      ///< of Redis keys
  std::string attributes;  ///< each `personalize_attribute` as written

  bool operator==(const ProfileSource&) const = default;
};

struct LocationConf;

/// A location (or a server, outside of its locations) and its server.
struct MergedLocation {
  const LocationConf* conf;
  const ngx_http_core_srv_conf_t* server;
};

struct MainConf {
  std::vector<std::unique_ptr<LoadedRules>> rules;
  std::vector<std::unique_ptr<const ProfileSource>> sources;
  PlanKey load;                                   ///< of this configuration; differs each time it is read
  ngx_flag_t watch = NGX_CONF_UNSET;              ///< `personalize_watch`
  std::vector<std::unique_ptr<RedisConf>> redis;  ///< by number of the worker's store
  ngx_uint_t locations = 0;                       ///< how many have been numbered
  std::vector<redis::CacheZone> profile_caches;   ///< each once
  Zone<StatusZone> status_zone;
  PlanZone plan_zone;
  bool no_plan_zone = false;
  Compressors compressors;
  std::vector<std::shared_ptr<const plugins::PluginFile>> plugins;  ///< that were opened
  std::vector<std::unique_ptr<WeatherService>> weather;
  std::vector<std::shared_ptr<EventLogConf>> event_logs;
  std::vector<MergedLocation> merged;  ///< all
};

/// One `personalize_attribute`: what rules know as nginx.NAME.
struct AttributeConf {
  std::string name;
  TextWithVariables value;
};

/// Zeroed by NGINX's allocator, null or unset members are inherited. Everything pointed to belongs to the cycle's pool.
struct LocationConf {
  ngx_http_complex_value_t* mode;
  TextWithVariables* visitor;
  TextWithVariables* customer;
  const std::optional<VisitorCookieConf>* visitor_cookie;  ///< null: not said; nothing in it: off
  ngx_msec_t deadline;
  ngx_hash_t types;
  ngx_array_t* types_keys;
  std::vector<ngx_uint_t>* statuses;  ///< of pages, besides 200
  std::vector<std::string>* rules;    ///< paths, which may contain wildcards
  std::string* last_good;             ///< folder, inherited together with `rules`
  ngx_uint_t rules_check;             ///< a RulesCheck
  std::vector<std::string>* geo;
  std::vector<plugins::PluginUse>* plugins;
  std::vector<AttributeConf>* attributes;
  std::array<std::vector<std::string>*, plugins::settings_option_count>
      options;              ///< words of plugins::settings_options
  ngx_uint_t client_hints;  ///< one of client_hints_words
  WeatherConf* weather_conf;
  WeatherService* weather;        ///< what `weather_conf` describes; null: none
  ngx_uint_t redis;               ///< position in `MainConf::redis`, or no_redis
  std::string* prefix;            ///< of Redis keys
  CacheConf* cache;               ///< of profiles
  EventLogConf* event_log_words;  ///< of `personalize_events_log`
  EventLogConf* event_log;        ///< one of MainConf::event_logs; null: none
  BeaconConf* beacon;             ///< of `personalize_events`; null: none
  const LoadedEngine* engine;     ///< null: no rules
  const ProfileSource* source;    ///< null: no rules
  WrittenHere written;
  FilterEffects* filter_effects;
  Mode constant_mode;       ///< where `mode` has no variables
  ngx_uint_t number;        ///< of this location, among those of the configuration
  bool* on_for_some;        ///< `mode` may be `on` here or in an `if` of this location; shared by all of them
  ngx_uint_t no_transform;  ///< one of NoTransform
  bool status_prometheus;   ///< of `personalize_status`: always Prometheus' text
};

inline constexpr ngx_uint_t no_redis = static_cast<ngx_uint_t>(-2);

/// Of the configuration that is being read.
inline MainConf& main_conf(ngx_conf_t* cf) {
  return *static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_personalize_module));
}

inline LocationConf* location_conf(const ngx_http_request_t* r) {
  return static_cast<LocationConf*>(ngx_http_get_module_loc_conf(r, ngx_http_personalize_module));
}

/// The value of `personalize` for this request; anything but `on` and `dry_run` is off.
Mode mode_of(ngx_http_request_t* r, const LocationConf& conf);

extern ngx_command_t directives[];
void* create_main_conf(ngx_conf_t* cf);
char* init_main_conf(ngx_conf_t* cf, void* conf);
void* create_location_conf(ngx_conf_t* cf);
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child);

/// `personalize_redis` and `personalize_profile_cache`.
char* set_redis(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);
char* set_profile_cache(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

/// `personalize_plugin`.
char* set_plugin(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

/// The engine for these files and settings, loaded if no location has needed it before. Mistakes in rules are logged;
/// `conf.check` says whether something else is used then. Null if there is nothing to use.
LoadedEngine* load_engine(ngx_conf_t* cf, MainConf& main, const RulesConf& conf, const plugins::HostSettings& settings);
/// When the configuration has been read: frees what was only needed for that.
void finish_reading(MainConf& main);
/// In the master, once the configuration is in use: remembers its rules for the next reload, and saves those without
/// mistakes in the folders that `last_good=` names.
void keep_rules(const MainConf& main, ngx_log_t* log);

/// "file:line:column: message" of the first mistake.
std::string first_mistake(const rules::Diagnostics& diagnostics);

}  // namespace personalize::module
