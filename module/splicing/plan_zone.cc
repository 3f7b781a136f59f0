#include "module/splicing/plan_zone.h"

#include <signal.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <limits>

#include "module/conf/conf.h"
#include "module/conf/defaults.h"
#include "module/log/log.h"
#include "module/status/counters.h"

namespace personalize::module {
namespace {

constexpr std::uint32_t magic = 0x706c616e;  // marks the beginning of a zone's memory
constexpr std::size_t max_seen = 4096;
constexpr std::size_t known_types = 256, max_kept_type = 110;
constexpr auto max_pins = std::numeric_limits<PlanEntry::Pins::value_type>::max();
constexpr std::size_t max_workers = NGX_MAX_PROCESSES;  // old and new ones together: no master has more
constexpr std::size_t min_columns = 64, spare_columns = 16;

}  // namespace

/// The zone's root object.
struct Plans {
  struct Worker {
    std::atomic<ngx_pid_t> pid;
    std::atomic<std::uint32_t> pins;  // of all entries
  };

  struct KnownType {
    PlanKey key;
    std::uint16_t size;
    std::array<char, max_kept_type> text;
  };

  std::uint32_t magic;
  std::uint32_t changing;  // set while a worker changes the zone; if another worker sees it, the first one died
  std::uint32_t broken;
  std::uint32_t columns;                    // of new entries
  std::array<Worker, max_workers> workers;  // by column
  std::array<std::uint64_t, max_seen> seen;
  std::array<KnownType, known_types> types;
  ngx_queue_t used;            // most recently used first
  std::uint32_t bucket_count;  // a power of two
  PlanEntry** buckets;
};

namespace {

// Of this worker.
ngx_slab_pool_t* pool = nullptr;
std::size_t column = 0;
bool waits_for_column = false;

Plans* plans_in(ngx_slab_pool_t* slabs) { return static_cast<Plans*>(slabs->data); }

/// Makes an empty zone.
void* make_plans(ngx_slab_pool_t& slabs) {
  const auto bytes = static_cast<std::size_t>(slabs.end - slabs.start);
  auto* zone = static_cast<Plans*>(ngx_slab_calloc_locked(&slabs, sizeof(Plans)));
  if (zone == nullptr) return nullptr;
  zone->magic = magic;
  zone->columns = min_columns;
  zone->bucket_count = static_cast<std::uint32_t>(std::bit_ceil(std::max<std::size_t>(bytes / 16384, 64)));
  zone->buckets = static_cast<PlanEntry**>(ngx_slab_calloc_locked(&slabs, zone->bucket_count * sizeof(PlanEntry*)));
  ngx_queue_init(&zone->used);
  slabs.log_nomem = 0;  // a full zone is normal
  return zone->buckets != nullptr ? zone : nullptr;
}

constexpr ZoneKind plan_zones{.directive = "personalize_zone",
                              .example = "pages:32m",
                              .min_bytes = 256 * 1024,
                              .name_is_enough = false,
                              .make = make_plans};

constexpr std::uint64_t size_of(std::size_t columns, std::uint64_t plan_size, std::uint64_t body_size) {
  return sizeof(PlanEntry) + columns * sizeof(PlanEntry::Pins) + plan_size + body_size;
}

bool dead(ngx_pid_t pid) { return pid == 0 || (kill(pid, 0) != 0 && errno == ESRCH); }

/// For a worker that starts: if it has the process id of another worker, that one is gone.
bool may_be_taken(ngx_pid_t pid) { return pid == ngx_pid || dead(pid); }

/// Empties a zone whose content cannot be trusted any more, unless something is still being sent from it.
void start_over(ngx_slab_pool_t* slabs) {
  Plans* zone = plans_in(slabs);
  zone->broken = 1;
  const std::uint32_t columns = zone->columns;
  std::array<ngx_pid_t, max_workers> pids;
  for (std::size_t i = 0; i < max_workers; ++i) {
    pids[i] = zone->workers[i].pid;
    if (zone->workers[i].pins != 0 && !dead(pids[i])) return;
  }
  ngx_slab_init(slabs);
  void* made = make_plans(*slabs);
  if (made == nullptr) return;
  slabs->data = made;
  zone = plans_in(slabs);
  zone->columns = std::clamp<std::uint32_t>(columns, min_columns, max_workers);
  for (std::size_t i = 0; i < max_workers; ++i) zone->workers[i].pid = pids[i];
}

/// The zone, locked and marked as being changed.
class LockedPlans {
 public:
  explicit LockedPlans(ngx_slab_pool_t* slabs) : lock_(*slabs), slabs_(slabs) {
    if (plans_in(slabs_)->changing != 0 || plans_in(slabs_)->broken != 0) start_over(slabs_);
    plans_in(slabs_)->changing = 1;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~LockedPlans() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    plans_in(slabs_)->changing = 0;
  }
  LockedPlans(const LockedPlans&) = delete;
  LockedPlans& operator=(const LockedPlans&) = delete;

  bool usable() const { return plans_in(slabs_)->broken == 0; }
  Plans* operator->() const { return plans_in(slabs_); }
  PlanEntry*& bucket(const PlanKey& key) const {
    return plans_in(slabs_)->buckets[key.low & (plans_in(slabs_)->bucket_count - 1)];
  }
  /// The entry that this worker can pin, or null. A pointer outside the zone's memory marks the zone as broken.
  PlanEntry* find(const PlanKey& key) {
    for (PlanEntry* entry = bucket(key); entry != nullptr; entry = entry->next) {
      if (!is_entry(entry)) return nullptr;
      if (entry->key == key && column < entry->columns) return entry;
    }
    return nullptr;
  }
  bool is_entry(const PlanEntry* entry) {
    const auto* bytes = reinterpret_cast<const u_char*>(entry);
    if (bytes >= slabs_->start && bytes < slabs_->end &&
        reinterpret_cast<std::uintptr_t>(entry) % alignof(PlanEntry) == 0) {
      const auto room = static_cast<std::size_t>(slabs_->end - bytes);
      if (room >= sizeof(PlanEntry) && entry->size <= room && entry->body_size <= entry->size &&
          entry->columns <= max_workers && entry->size == size_of(entry->columns, entry->plan_size, entry->body_size) &&
          is_linked(entry->used)) {
        return true;
      }
    }
    plans_in(slabs_)->broken = 1;
    return false;
  }

 private:
  bool is_linked(const ngx_queue_t& place) const {
    const auto inside = [&](const ngx_queue_t* other) {
      const auto* bytes = reinterpret_cast<const u_char*>(other);
      return bytes >= slabs_->start && bytes + sizeof(*other) <= slabs_->end;
    };
    return inside(place.prev) && inside(place.next) && place.prev->next == &place && place.next->prev == &place;
  }

  ZoneLock lock_;
  ngx_slab_pool_t* slabs_;
};

/// Only this worker's thread writes into its column while the worker lives, so no locked instruction is needed.
template <class Number>
void change(std::atomic<Number>& own, int difference, std::memory_order order) {
  own.store(static_cast<Number>(own.load(std::memory_order_relaxed) + difference), order);
}

/// Returns nothing if more requests are sending it than can be counted.
PinnedPlan pin(LockedPlans& zone, PlanEntry* entry) {
  assert(pool != nullptr && column < max_workers);
  if (entry->pins(column).load(std::memory_order_relaxed) == max_pins) return {};
  change(entry->pins(column), 1, std::memory_order_relaxed);  // others look at it under the lock
  change(zone->workers[column].pins, 1, std::memory_order_relaxed);
  return PinnedPlan(entry);
}

/// True if no living worker is sending it.
bool is_free(LockedPlans& zone, PlanEntry* entry) {
  for (std::size_t i = 0; i < entry->columns; ++i) {
    if (entry->pins(i).load(std::memory_order_acquire) == 0) continue;
    if (!dead(zone->workers[i].pid)) return false;
    entry->pins(i) = 0;
  }
  return true;
}

/// Drops the pins that the column's previous worker left. A broken zone does not need this, as it is emptied before it
/// is used.
void forget_pins(LockedPlans& zone) {
  for (ngx_queue_t* place = ngx_queue_head(&zone->used); zone.usable() && place != ngx_queue_sentinel(&zone->used);
       place = ngx_queue_next(place)) {
    PlanEntry* entry = ngx_queue_data(place, PlanEntry, used);
    if (zone.is_entry(entry) && column < entry->columns) entry->pins(column) = 0;
  }
}

/// How many columns new entries need when a worker takes `column`: during a reload there are twice as many workers.
std::uint32_t columns_for(std::size_t column) {
  const auto* core = reinterpret_cast<const ngx_core_conf_t*>(ngx_get_conf(ngx_cycle->conf_ctx, ngx_core_module));
  const std::size_t workers = std::max<std::size_t>(static_cast<std::size_t>(core->worker_processes), column + 1);
  constexpr std::size_t line = 64 / sizeof(PlanEntry::Pins);
  const std::size_t wanted = (2 * workers + spare_columns + line - 1) / line * line;
  return static_cast<std::uint32_t>(std::clamp(wanted, min_columns, max_workers));
}

/// Evicts the least recently used page that nobody is sending.
bool forget_one(LockedPlans& zone) {
  for (ngx_queue_t* place = ngx_queue_last(&zone->used); place != ngx_queue_sentinel(&zone->used);
       place = ngx_queue_prev(place)) {
    PlanEntry* entry = ngx_queue_data(place, PlanEntry, used);
    if (!zone.is_entry(entry)) return false;
    if (!is_free(zone, entry)) continue;
    PlanEntry** link = &zone.bucket(entry->key);
    while (*link != nullptr && *link != entry) {
      if (!zone.is_entry(*link)) return false;
      link = &(*link)->next;
    }
    if (*link == entry) *link = entry->next;
    ngx_queue_remove(&entry->used);
    if (entry->is_page()) ++counters().plans_evicted;
    ngx_slab_free_locked(pool, entry);
    return true;
  }
  return false;
}

}  // namespace

PinnedPlan::~PinnedPlan() {
  if (entry_ == nullptr || pool == nullptr) return;
  change(entry_->pins(column), -1, std::memory_order_release);
  change(plans_in(pool)->workers[column].pins, -1, std::memory_order_release);
}

bool has_plan_zone() { return pool != nullptr; }

std::size_t max_page_bytes() { return pool == nullptr ? 0 : static_cast<std::size_t>(pool->end - pool->start) / 4; }

PinnedPlan find_plan(const PlanKey& key) {
  if (pool == nullptr) return {};
  LockedPlans zone(pool);
  PlanEntry* entry = zone.usable() ? zone.find(key) : nullptr;
  if (entry == nullptr || entry->ready.load(std::memory_order_acquire) == 0) return {};
  ngx_queue_remove(&entry->used);
  ngx_queue_insert_head(&zone->used, &entry->used);
  return pin(zone, entry);
}

bool seen_before(const PlanKey& key) {
  if (pool == nullptr) return false;
  std::uint64_t& slot = plans_in(pool)->seen[key.low % max_seen];  // a race merely delays a plan
  if (slot == key.high) return true;
  slot = key.high;
  return false;
}

PinnedPlan store_plan(const PlanKey& key, const PlanKey& body_hash, std::string_view plan, std::string_view body) {
  if (pool == nullptr) return {};
  PinnedPlan kept;
  PlanEntry* entry = nullptr;
  {
    LockedPlans zone(pool);
    if (!zone.usable() || zone.find(key) != nullptr || !zone.usable()) return {};
    const std::uint32_t columns = zone->columns;
    const std::uint64_t size = size_of(columns, plan.size(), body.size());
    do {
      entry = static_cast<PlanEntry*>(ngx_slab_alloc_locked(pool, size));
    } while (entry == nullptr && forget_one(zone));
    if (entry == nullptr) {
      if (body_hash != PlanKey{}) ++counters().plans_refused;
      return {};
    }
    ngx_memzero(static_cast<void*>(entry), size_of(columns, 0, 0));
    entry->key = key;
    entry->columns = columns;
    entry->body_hash = body_hash;
    entry->size = size;
    entry->plan_size = static_cast<std::uint32_t>(plan.size());
    entry->body_size = body.size();
    entry->next = std::exchange(zone.bucket(key), entry);
    ngx_queue_insert_head(&zone->used, &entry->used);
    kept = pin(zone, entry);
  }
  // If this worker dies here, its pin does not count, and entries that are not ready are not used.
  auto* bytes = const_cast<char*>(entry->bytes());
  plan.copy(bytes, plan.size());  // either may be empty
  body.copy(bytes + plan.size(), body.size());
  entry->ready.store(1, std::memory_order_release);
  if (entry->is_page()) ++counters().plans_built;
  return kept;
}

std::string known_type(const PlanKey& key) {
  if (pool == nullptr) return {};
  LockedPlans zone(pool);
  const Plans::KnownType& known = zone->types[key.low % known_types];
  if (!zone.usable() || known.key != key) return {};
  return {known.text.data(), std::min<std::size_t>(known.size, max_kept_type)};
}

void store_known_type(const PlanKey& key, std::string_view type) {
  if (pool == nullptr || type.size() > max_kept_type) return;
  LockedPlans zone(pool);
  if (!zone.usable()) return;
  Plans::KnownType& known = zone->types[key.low % known_types];
  known.key = key;
  known.size = static_cast<std::uint16_t>(type.copy(known.text.data(), max_kept_type));
}

char* set_plan_zone(ngx_conf_t* cf, const ngx_command_t&, MainConf& main) {
  if (main.plan_zone || main.no_plan_zone) return const_cast<char*>("is duplicate");
  const std::string_view text = view(static_cast<ngx_str_t*>(cf->args->elts)[1]);
  main.no_plan_zone = text == "off";
  if (!main.no_plan_zone) main.plan_zone = PlanZone(add_zone(cf, plan_zones, text));
  return main.no_plan_zone || main.plan_zone ? NGX_CONF_OK : conf_error;
}
char* add_default_plan_zone(ngx_conf_t* cf, MainConf& main) {
  if (main.plan_zone || main.no_plan_zone || main.rules.empty()) return NGX_CONF_OK;
  main.plan_zone = PlanZone(add_zone(cf, plan_zones, default_text("personalize_zone")));
  return main.plan_zone ? NGX_CONF_OK : conf_error;
}

void enter_plan_zone(const MainConf& main, ngx_log_t* log) {
  if (!main.plan_zone || pool != nullptr || ngx_exiting) return;
  ngx_slab_pool_t* slabs = main.plan_zone.slabs();
  LockedPlans zone(slabs);
  column = 0;
  while (column < max_workers && !may_be_taken(zone->workers[column].pid)) ++column;
  if (column == max_workers) {
    if (std::exchange(waits_for_column, true)) return;
    add_to(GaugeName::workers_without_zone, 1);
    ngx_log_error(
        NGX_LOG_WARN, log, 0,
        "personalize: %uz processes use the zone \"%V\", and no more can: this worker streams all pages until "
        "one of them ends",
        max_workers, &main.plan_zone.name());
    return;
  }
  if (std::exchange(waits_for_column, false)) add_to(GaugeName::workers_without_zone, -1);
  zone->columns = std::max(zone->columns, columns_for(column));
  forget_pins(zone);
  zone->workers[column].pins = 0;
  zone->workers[column].pid = ngx_pid;
  pool = slabs;
}

void leave_plan_zone() {
  if (std::exchange(waits_for_column, false)) add_to(GaugeName::workers_without_zone, -1);
  if (pool == nullptr) return;
  {
    LockedPlans zone(pool);
    zone->workers[column].pid = 0;
  }
  pool = nullptr;
}

}  // namespace personalize::module
