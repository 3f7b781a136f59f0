// Memory that all workers share: zones, which directives name and size, and which NGINX keeps across reloads.
//
// The memory is kept for as long as a zone's name, size and kind are the same. The kind is NGINX's `tag`, an address in
// the loaded module. So no module ever gets memory that it would lay out differently: when a reload compares tags, the
// old and the new module are either the same or both loaded, at different addresses; and a new binary begins without
// memory.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "module/ngx.h"

namespace personalize::module {

/// One constant for each kind of zone.
struct ZoneKind {
  const char* directive;  ///< whose zones these are
  const char* example;    ///< NAME:SIZE as one would write it
  std::size_t min_bytes;  ///< NGINX needs eight memory pages for any zone
  bool name_is_enough;    ///< NAME alone refers to a zone that another directive sizes
  /// Makes the zone's root object in empty memory; null if there is too little of it.
  void* (*make)(ngx_slab_pool_t& slabs);
};

/// A zone of one configuration; copied like a pointer. `Root`: what the kind's `make` returns.
template <class Root>
class Zone {
 public:
  Zone() = default;
  explicit Zone(ngx_shm_zone_t* zone) : zone_(zone) {}

  explicit operator bool() const { return zone_ != nullptr; }
  bool operator==(const Zone&) const = default;

  const ngx_str_t& name() const { return zone_->shm.name; }
  /// Null while the configuration is being read: NGINX maps the memory afterwards.
  ngx_slab_pool_t* slabs() const { return reinterpret_cast<ngx_slab_pool_t*>(zone_->shm.addr); }
  /// For what needs no lock; null as long as `slabs` is.
  Root* root() const { return slabs() != nullptr ? static_cast<Root*>(slabs()->data) : nullptr; }

 private:
  ngx_shm_zone_t* zone_ = nullptr;
};

/// Holds a zone's lock. If a worker is killed while it holds one, NGINX's master releases it.
class ZoneLock {
 public:
  explicit ZoneLock(ngx_slab_pool_t& slabs) : mutex_(slabs.mutex) { ngx_shmtx_lock(&mutex_); }
  ~ZoneLock() { ngx_shmtx_unlock(&mutex_); }
  ZoneLock(const ZoneLock&) = delete;
  ZoneLock& operator=(const ZoneLock&) = delete;

 private:
  ngx_shmtx_t& mutex_;
};

/// The root object of a zone that has memory, locked.
template <class Root>
class Locked {
 public:
  explicit Locked(const Zone<Root>& zone) : lock_(*zone.slabs()), root_(zone.root()) { assert(root_ != nullptr); }
  Root* operator->() const { return root_; }

 private:
  ZoneLock lock_;
  Root* root_;
};

/// Adds a zone to the configuration that is being read, or finds the one with that name; null after an error was
/// logged.
ngx_shm_zone_t* add_zone(ngx_conf_t* cf, const ZoneKind& kind, std::string_view name, std::size_t size);
/// The same for what a directive says: NAME:SIZE.
ngx_shm_zone_t* add_zone(ngx_conf_t* cf, const ZoneKind& kind, std::string_view text);

/// All that is left of a zone, in one piece and not initialized; empty if that fails.
std::span<std::byte> take_all(ngx_slab_pool_t& slabs);

/// The module's zones in the configuration in use.
std::vector<const ngx_shm_zone_t*> all_zones();

}  // namespace personalize::module
