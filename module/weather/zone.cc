#include "module/weather/zone.h"

namespace personalize::module {
namespace {

constexpr std::size_t min_pages = 8;
char tag;  // its address tells these zones from all others

}  // namespace

WeatherZone* WeatherZone::add(ngx_conf_t* cf, std::string_view name, std::size_t size) {
  if (size < min_pages * ngx_pagesize) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "zone \"%*s\" is too small", name.size(), name.data());
    return nullptr;
  }
  ngx_str_t text = copy(cf->pool, name);
  ngx_shm_zone_t* shared = ngx_shared_memory_add(cf, &text, size, &tag);
  if (shared == nullptr) return nullptr;
  if (shared->data == nullptr) {
    shared->data = make<WeatherZone>(cf->pool);
    shared->init = init;
  }
  return static_cast<WeatherZone*>(shared->data);
}

ngx_int_t WeatherZone::init(ngx_shm_zone_t* shared, void* old) {
  auto& zone = *static_cast<WeatherZone*>(shared->data);
  zone.slabs_ = reinterpret_cast<ngx_slab_pool_t*>(shared->shm.addr);
  if (old != nullptr) {
    zone.table_ = static_cast<WeatherZone*>(old)->table_;
    return NGX_OK;
  }
  if (!shared->shm.exists) {
    const std::size_t size = zone.slabs_->pfree * ngx_pagesize;  // all of it, in one piece
    void* memory = ngx_slab_calloc(zone.slabs_, size);
    if (memory == nullptr) return NGX_ERROR;
    zone.slabs_->data = plugins::WeatherTable::in(memory, size);
  }
  zone.table_ = static_cast<plugins::WeatherTable*>(zone.slabs_->data);
  return zone.table_ != nullptr ? NGX_OK : NGX_ERROR;
}

}  // namespace personalize::module
