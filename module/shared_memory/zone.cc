#include "module/shared_memory/zone.h"

#include <algorithm>

namespace personalize::module {
namespace {

std::size_t min_bytes_of(const ZoneKind& kind) { return std::max<std::size_t>(kind.min_bytes, 8 * ngx_pagesize); }

ngx_int_t init_zone(ngx_shm_zone_t* zone, void* old) {
  auto& slabs = *reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
  zone->data = &slabs;
  if (old == nullptr && !zone->shm.exists) slabs.data = static_cast<const ZoneKind*>(zone->tag)->make(slabs);
  if (slabs.data != nullptr) return NGX_OK;
  ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0, "personalize: zone \"%V\" is too small", &zone->shm.name);
  return NGX_ERROR;
}

/// 0 if it is not a size.
std::size_t parse_size(std::string_view digits) {
  ngx_str_t text = as_ngx(digits);
  const ssize_t size = digits.empty() ? NGX_ERROR : ngx_parse_size(&text);
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

}  // namespace

ngx_shm_zone_t* add_zone(ngx_conf_t* cf, const ZoneKind& kind, std::string_view name, std::size_t size) {
  ngx_str_t copied = copy(cf->pool, name);
  if (copied.data == nullptr) return nullptr;
  ngx_shm_zone_t* zone = ngx_shared_memory_add(cf, &copied, size, const_cast<ZoneKind*>(&kind));
  if (zone != nullptr) zone->init = init_zone;
  return zone;
}

ngx_shm_zone_t* add_zone(ngx_conf_t* cf, const ZoneKind& kind, std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view name = text.substr(0, colon);
  if (colon == text.npos && kind.name_is_enough && !name.empty()) return add_zone(cf, kind, name, 0);
  const std::size_t size = colon != text.npos ? parse_size(text.substr(colon + 1)) : 0;
  const std::size_t min_bytes = min_bytes_of(kind);
  if (!name.empty() && size >= min_bytes) return add_zone(cf, kind, name, size);
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                     "%s: invalid zone \"%*s\": write NAME:SIZE with a size of at least %uzk, such as %s",
                     kind.directive, text.size(), text.data(), min_bytes / 1024, kind.example);
  return nullptr;
}

std::span<std::byte> take_all(ngx_slab_pool_t& slabs) {
  const std::size_t size = slabs.pfree * ngx_pagesize;
  auto* memory = static_cast<std::byte*>(ngx_slab_alloc(&slabs, size));
  return memory != nullptr ? std::span(memory, size) : std::span<std::byte>();
}

std::vector<const ngx_shm_zone_t*> all_zones() {
  std::vector<const ngx_shm_zone_t*> zones;
  const ngx_list_t& list = const_cast<const ngx_cycle_t*>(ngx_cycle)->shared_memory;
  for (const ngx_list_part_t* part = &list.part; part != nullptr; part = part->next) {
    const auto* elements = static_cast<const ngx_shm_zone_t*>(part->elts);
    for (const ngx_shm_zone_t& zone : std::span(elements, part->nelts))
      if (zone.init == init_zone && zone.shm.addr != nullptr) zones.push_back(&zone);
  }
  return zones;
}

}  // namespace personalize::module
