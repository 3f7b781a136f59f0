// personalize_profile_cache zone=NAME:SIZE [valid=TIME] | off
#include "module/redis/cache_zone.h"

#include <sys/random.h>

#include <algorithm>

#include "module/conf/defaults.h"
#include "module/log/log.h"

namespace personalize::module {
namespace {

constexpr ngx_msec_t max_claim_time = 500;  // by a worker that was killed, or whose Redis does not answer …
constexpr ngx_msec_t max_write_time = 500;  // … and the same here

void* make_cache(ngx_slab_pool_t& slabs) {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) seed = static_cast<std::uint64_t>(ngx_random());
  const std::span<std::byte> memory = take_all(slabs);
  return redis::ReplyCache::make(memory.data(), memory.size(), seed);
}

constexpr ZoneKind cache_zones{.directive = "personalize_profile_cache",
                               .example = "zone=profiles:10m",
                               .min_bytes = 512 * 1024,
                               .name_is_enough = true,
                               .make = make_cache};

bool set_zone(ngx_conf_t* cf, std::string_view text, CacheConf& cache) {
  cache.zone = redis::CacheZone(add_zone(cf, cache_zones, text));
  if (!cache.zone) return false;
  std::vector<redis::CacheZone>& zones = main_conf(cf).profile_caches;
  if (std::find(zones.begin(), zones.end(), cache.zone) == zones.end()) zones.push_back(cache.zone);
  return true;
}

char* add_cache(ngx_conf_t* cf, CacheConf& cache) {
  constexpr std::string_view zone = "zone=", valid = "valid=";
  cache.valid = default_ms("personalize_profile_cache", "valid");
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  if (cf->args->nelts == 2 && view(values[1]) == "off") return NGX_CONF_OK;
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    const std::string_view value = view(values[i]);
    if (value.starts_with(zone)) {
      if (!set_zone(cf, value.substr(zone.size()), cache)) return conf_error;
      continue;
    }
    ngx_str_t time = copy(cf->pool, value.substr(std::min(valid.size(), value.size())));
    const ngx_int_t parsed = ngx_parse_time(&time, 0);
    if (!value.starts_with(valid) || parsed == NGX_ERROR || parsed == 0) {
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", &values[i]);
      return conf_error;
    }
    cache.valid = static_cast<ngx_msec_t>(parsed);
  }
  return cache.zone ? NGX_CONF_OK : const_cast<char*>("needs zone=NAME:SIZE");
}

}  // namespace

char* set_profile_cache(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.cache != nullptr) return const_cast<char*>("is duplicate");
  conf.cache = make<CacheConf>(cf->pool);
  if (conf.cache == nullptr) return conf_error;
  return add_cache(cf, *conf.cache);
}

namespace redis {
std::optional<std::string_view> find_in_cache(const CacheConf& cache, const ReplyKey& key, rules::Arena& arena) {
  const Locked replies(cache.zone);
  return replies->find(key, ngx_current_msec, arena);
}

void write_to_cache(const CacheConf& cache, const ReplyKey& key, std::string_view packed, ReplyCache::Moment asked) {
  ReplyCache::Written written;
  {
    const Locked replies(cache.zone);
    written = replies->write(key, packed, asked, ngx_current_msec, ngx_current_msec + cache.valid);
  }
  counters().profile_cache_evictions += written.evicted;
}

std::optional<ReplyCache::Moment> claim_in_cache(const CacheConf& cache, const ReplyKey& key) {
  const Locked replies(cache.zone);
  return replies->claim(key, ngx_current_msec, ngx_current_msec + max_claim_time);
}

void release_in_cache(const CacheConf& cache, const ReplyKey& key) {
  const Locked replies(cache.zone);
  replies->release(key);
}

bool current_in_cache(const CacheConf& cache, std::string_view redis_key, ReplyCache::Moment asked) {
  const Locked replies(cache.zone);
  return replies->current(redis_key, asked, ngx_current_msec);
}

void begin_write(std::span<const CacheZone> zones, std::string_view redis_key) {
  for (const CacheZone& zone : zones) {
    const Locked replies(zone);
    replies->begin_write(redis_key, ngx_current_msec, ngx_current_msec + max_write_time);
  }
}

void end_write(std::span<const CacheZone> zones, std::string_view redis_key) {
  for (const CacheZone& zone : zones) {
    const Locked replies(zone);
    replies->end_write(redis_key);
  }
}

}  // namespace redis
}  // namespace personalize::module
