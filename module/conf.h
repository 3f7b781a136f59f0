// What the directives say about one location, and what is made of it when the configuration is loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "html/seen_pages.h"
#include "module/ngx.h"

namespace personalize::nginx {

enum class Mode : std::uint8_t { off, on, dry_run };

/// One Redis that visitors' profiles are asked from; a pool of connections per worker.
struct RedisConf {
  std::string name;      ///< as in the configuration, for log lines
  std::string host;      ///< literal address, empty for a Unix socket
  int port = 0;
  std::string path;      ///< of a Unix socket
  int database = 0;
  std::string user;
  std::string password;
  unsigned connections = 2;
  bool operator==(const RedisConf&) const = default;
};

/// An engine, and what this worker remembers only as long as it has these rules. Pages on their way hold the edition that
/// they began with.
struct Edition {
  explicit Edition(std::shared_ptr<const engine::Engine> loaded) : engine(std::move(loaded)) {}

  std::shared_ptr<const engine::Engine> engine;
  html::SeenPages seen{seen_pages_bytes};  ///< cached pages and files that were rewritten

 private:
  static constexpr std::size_t seen_pages_bytes = 4 * 1024 * 1024;  // some thousand pages
};

/// What is loaded for one distinct set of rule files, databases and key prefix; shared by all locations that have the same.
struct LoadedEngine {
  std::vector<std::string> rules;
  plugins::Settings settings;
  std::shared_ptr<Edition> edition;  ///< for requests that begin now; another one after rules changed

  const rules::RuleSet& rule_set() const { return edition->engine->rules(); }
};

struct MainConf {
  std::vector<std::unique_ptr<LoadedEngine>> engines;
  std::vector<std::unique_ptr<RedisConf>> redis;  ///< position: number of the worker's pool
};

/// Zeroed by NGINX's allocator, null or unset members are inherited. Everything pointed to belongs to the cycle's pool.
struct LocationConf {
  ngx_http_complex_value_t* mode;
  ngx_http_complex_value_t* visitor;
  ngx_msec_t deadline;
  ngx_hash_t types;
  ngx_array_t* types_keys;
  std::vector<std::string>* rules;  ///< files, globs expanded
  std::vector<std::string>* geo;
  ngx_uint_t redis;                 ///< position in `MainConf::redis`, or no_redis
  std::string* prefix;              ///< of Redis keys
  const LoadedEngine* engine;       ///< null: no rules
  Mode constant_mode;               ///< where `mode` has no variables
  bool status_prometheus;           ///< of `personalize_status`: Prometheus' text whatever is asked for
};

inline constexpr ngx_uint_t no_redis = static_cast<ngx_uint_t>(-2);

inline LocationConf* location_conf(ngx_http_request_t* r) {
  return static_cast<LocationConf*>(ngx_http_get_module_loc_conf(r, ngx_http_personalize_module));
}

/// What `personalize` says for this request; anything but `on` and `dry_run` is off.
Mode mode_of(ngx_http_request_t* r, const LocationConf& conf);

extern ngx_command_t directives[];
void* create_main_conf(ngx_conf_t* cf);
void* create_location_conf(ngx_conf_t* cf);
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child);

/// `personalize_redis`.
char* set_redis(ngx_conf_t* cf, ngx_command_t* command, void* conf);

/// The engine of that set of files; loaded if no location had it yet. Null after all mistakes were logged.
const LoadedEngine* load_engine(ngx_conf_t* cf, MainConf& main, const std::vector<std::string>& rules,
                                const plugins::Settings& settings);

}  // namespace personalize::nginx
