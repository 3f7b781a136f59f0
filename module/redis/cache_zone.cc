// personalize_profile_cache zone=NAME:SIZE [valid=TIME] | off
#include "module/redis/cache_zone.h"

#include <sys/random.h>

#include <algorithm>

#include "module/worker/log.h"

namespace personalize::module {
namespace {

constexpr std::size_t min_cache_zone = 512 * 1024;
constexpr ngx_msec_t max_claim_time = 500;  // of a worker that was killed, or whose Redis is silent …
constexpr ngx_msec_t max_write_time = 500;  // … and so here

/// NGINX's allocator in that memory is asked once, for all it has. Its lock is ours: the master opens it if its holder
/// dies.
ngx_int_t init_cache_zone(ngx_shm_zone_t* zone, void* old) {
  auto* slabs = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
  if (old != nullptr) {
    zone->data = old;  // a reload
    return NGX_OK;
  }
  if (zone->shm.exists) {
    zone->data = slabs->data;
    return NGX_OK;
  }
  const std::size_t size = slabs->pfree * ngx_pagesize;
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) seed = static_cast<std::uint64_t>(ngx_random());
  void* memory = ngx_slab_alloc(slabs, size);
  zone->data = slabs->data = memory != nullptr ? redis::ReplyCache::make(memory, size, seed) : nullptr;
  return zone->data != nullptr ? NGX_OK : NGX_ERROR;
}

/// NAME:SIZE, or only the name of a zone that another directive describes.
char* set_zone(ngx_conf_t* cf, std::string_view text, CacheConf& cache) {
  const std::size_t colon = text.find(':');
  ngx_str_t name = copy(cf->pool, text.substr(0, colon));
  ssize_t size = 0;
  if (colon != text.npos) {
    ngx_str_t digits = copy(cf->pool, text.substr(colon + 1));
    size = ngx_parse_size(&digits);
    if (size < static_cast<ssize_t>(min_cache_zone)) return const_cast<char*>("needs a zone of at least 512k");
  }
  if (name.len == 0) return const_cast<char*>("needs zone=NAME:SIZE");
  cache.zone = ngx_shared_memory_add(cf, &name, static_cast<std::size_t>(size), &ngx_http_personalize_module);
  if (cache.zone == nullptr) return conf_error;
  cache.zone->init = init_cache_zone;
  auto& zones =
      static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_personalize_module))->profile_caches;
  if (std::find(zones.begin(), zones.end(), cache.zone) == zones.end()) zones.push_back(cache.zone);
  return NGX_CONF_OK;
}

char* add_cache(ngx_conf_t* cf, CacheConf& cache) {
  constexpr std::string_view zone = "zone=", valid = "valid=";
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  if (cf->args->nelts == 2 && view(values[1]) == "off") return NGX_CONF_OK;
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    const std::string_view value = view(values[i]);
    if (value.starts_with(zone)) {
      if (char* problem = set_zone(cf, value.substr(zone.size()), cache); problem != NGX_CONF_OK) return problem;
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
  return cache.zone != nullptr ? NGX_CONF_OK : const_cast<char*>("needs zone=NAME:SIZE");
}

}  // namespace

char* set_profile_cache(ngx_conf_t* cf, ngx_command_t*, void* data) {
  auto& conf = *static_cast<LocationConf*>(data);
  if (conf.cache != nullptr) return const_cast<char*>("is duplicate");
  conf.cache = make<CacheConf>(cf->pool);
  if (conf.cache == nullptr) return conf_error;
  return add_cache(cf, *conf.cache);
}

namespace redis {
namespace {

class Locked {
 public:
  explicit Locked(ngx_shm_zone_t* zone)
      : mutex_(reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr)->mutex),
        replies_(static_cast<ReplyCache*>(zone->data)) {
    ngx_shmtx_lock(&mutex_);
  }
  explicit Locked(const CacheConf& cache) : Locked(cache.zone) {}
  ~Locked() { ngx_shmtx_unlock(&mutex_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  ReplyCache* operator->() const { return replies_; }

 private:
  ngx_shmtx_t& mutex_;
  ReplyCache* replies_;
};

}  // namespace

std::optional<std::string_view> find_in_cache(const CacheConf& cache, const ReplyKey& key, rules::Arena& arena) {
  Locked replies(cache);
  return replies->find(key, ngx_current_msec, arena);
}

void write_to_cache(const CacheConf& cache, const ReplyKey& key, std::string_view packed, ReplyCache::Moment asked) {
  ReplyCache::Written written;
  {
    Locked replies(cache);
    written = replies->write(key, packed, asked, ngx_current_msec, ngx_current_msec + cache.valid);
  }
  counters().cache_evictions += written.evicted;
}

std::optional<ReplyCache::Moment> claim_in_cache(const CacheConf& cache, const ReplyKey& key) {
  Locked replies(cache);
  return replies->claim(key, ngx_current_msec, ngx_current_msec + max_claim_time);
}

void release_in_cache(const CacheConf& cache, const ReplyKey& key) {
  Locked replies(cache);
  replies->release(key);
}

bool current_in_cache(const CacheConf& cache, std::string_view redis_key, ReplyCache::Moment asked) {
  Locked replies(cache);
  return replies->current(redis_key, asked, ngx_current_msec);
}

void begin_write(std::span<ngx_shm_zone_t* const> zones, std::string_view redis_key) {
  for (ngx_shm_zone_t* zone : zones) {
    Locked replies(zone);
    replies->begin_write(redis_key, ngx_current_msec, ngx_current_msec + max_write_time);
  }
}

void end_write(std::span<ngx_shm_zone_t* const> zones, std::string_view redis_key) {
  for (ngx_shm_zone_t* zone : zones) {
    Locked replies(zone);
    replies->end_write(redis_key);
  }
}

}  // namespace redis
}  // namespace personalize::module
