// Memory that all workers share: zones, which directives name and size, and which NGINX keeps over a reload.
//
// The memory stays as long as a zone's name, size and kind stay the same. The kind is NGINX's `tag`, an address in this
// module as it is loaded. So memory is never read by a module that would lay it out differently: while a reload
// compares tags the old and the new module are both loaded, or are the same, and another binary begins with no memory.
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
  const char* directive;  ///< that names such zones
  const char* example;    ///< NAME:SIZE as one would write it
  std::size_t min_bytes;  ///< NGINX needs eight memory pages for any zone
  bool name_is_enough;    ///< NAME alone stands for a zone that another directive sizes
  /// Makes the zone's root object in empty memory; null if there is too little of it.
  void* (*make)(ngx_slab_pool_t& slabs);
};

/// One zone of one configuration; a pointer, in fact. `Root`: what the kind's `make` makes.
template <class Root>
class Zone {
 public:
  Zone() = default;
  explicit Zone(ngx_shm_zone_t* zone) : zone_(zone) {}

  explicit operator bool() const { return zone_ != nullptr; }
  bool operator==(const Zone&) const = default;

  const ngx_str_t& name() const { return zone_->shm.name; }
  /// Null while the configuration is being read: NGINX makes the memory afterwards.
  ngx_slab_pool_t* slabs() const { return reinterpret_cast<ngx_slab_pool_t*>(zone_->shm.addr); }
  /// For what needs no lock; null like `slabs`.
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

/// Adds a zone to the configuration that is being read, or finds the one of that name; null after an error was logged.
ngx_shm_zone_t* add_zone(ngx_conf_t* cf, const ZoneKind& kind, std::string_view name, std::size_t size);
/// … as a directive has it: NAME:SIZE.
ngx_shm_zone_t* add_zone(ngx_conf_t* cf, const ZoneKind& kind, std::string_view text);

/// All that is left of a zone, in one piece, with anything in it; null if nothing is left.
std::span<std::byte> take_all(ngx_slab_pool_t& slabs);

/// The module's zones that have memory.
std::vector<const ngx_shm_zone_t*> all_zones();

}  // namespace personalize::module
