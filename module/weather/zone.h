// Shared memory for weather reports.
#pragma once

#include <string>

#include "module/ngx.h"
#include "plugins/weather/table.h"

namespace personalize::module {

/// `zone=NAME:SIZE`. Reloads keep what is in it. Should a worker be killed with the lock in its hands, NGINX's master
/// opens it.
class WeatherZone {
 public:
  /// Asks NGINX for the memory; null after an error was logged.
  static WeatherZone* add(ngx_conf_t* cf, std::string_view name, std::size_t size);

  /// Runs `use(table)` alone among all workers; without memory yet (while the configuration is read) not at all.
  template <class Use>
  void with(Use use) {
    if (table_ == nullptr) return;
    ngx_shmtx_lock(&slabs_->mutex);
    use(*table_);
    ngx_shmtx_unlock(&slabs_->mutex);
  }

 private:
  static ngx_int_t init(ngx_shm_zone_t* shared, void* old);

  ngx_slab_pool_t* slabs_ = nullptr;
  plugins::WeatherTable* table_ = nullptr;
};

}  // namespace personalize::module
