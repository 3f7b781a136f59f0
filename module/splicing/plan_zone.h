// Pages and their splice plans, in memory that all workers share: `personalize_zone`.
//
// The least recently used entries are evicted first, but none that a worker is sending. Each entry has one pin count
// per worker, so that the pins of a killed worker are known and can be dropped when another worker takes over its
// column of pin counts, or when the memory is needed. A worker that dies while it changes the zone leaves a mark:
// NGINX's master unlocks the zone, the next worker finds the mark, and the zone is emptied as soon as nothing in it is
// being sent.
//
// NGINX keeps a zone's memory across reloads, even if the number of workers changes. So each entry says how many
// columns it has: as many as were needed when it was made. A worker whose column is missing cannot use the entry and
// makes another one, with enough columns for all.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "module/ngx.h"
#include "module/shared_memory/zone.h"

namespace personalize::module {

struct MainConf;

struct Plans;  // plan_zone.cc
using PlanZone = Zone<Plans>;

/// Identifies what a plan was made from: the file, the Content-Type and the selectors; or a part of that.
struct PlanKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const PlanKey&) const = default;
};

/// One page in the zone. Its pin counts, `plan` and `body` follow it.
struct PlanEntry {
  using Pins = std::atomic<std::uint16_t>;

  PlanKey key;
  PlanEntry* next;          // in the same bucket
  ngx_queue_t used;         // in the order of last use
  PlanKey body_hash;        // of the page's bytes alone; none: this is a compressed part of a page
  std::uint64_t size;       // of all, with plan and body
  std::uint32_t plan_size;  // 0: there is no plan for this page
  std::uint64_t body_size;
  std::atomic<std::uint32_t> ready;
  std::uint32_t columns;  // of pin counts

  bool is_page() const { return body_hash != PlanKey{}; }
  /// Of the worker with that column.
  Pins& pins(std::size_t column) { return reinterpret_cast<Pins*>(this + 1)[column]; }
  std::string_view plan() const { return {bytes(), plan_size}; }
  std::string_view body() const { return {bytes() + plan_size, body_size}; }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1) + columns * sizeof(Pins); }
};

/// Keeps an entry from being evicted.
class PinnedPlan {
 public:
  PinnedPlan() = default;
  explicit PinnedPlan(PlanEntry* pinned) : entry_(pinned) {}
  PinnedPlan(PinnedPlan&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
  PinnedPlan& operator=(PinnedPlan&& other) noexcept {
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~PinnedPlan();

  explicit operator bool() const { return entry_ != nullptr; }
  const PlanEntry* operator->() const { return entry_; }

 private:
  PlanEntry* entry_ = nullptr;
};

/// True if there is a zone and this worker has a column of pin counts in it.
bool has_plan_zone();
/// Larger bodies are not kept.
std::size_t max_page_bytes();

/// The page with that key, pinned, if it is there.
PinnedPlan find_plan(const PlanKey& key);
/// False the first time the key is asked about, then true: pages that are requested only once are not worth keeping.
bool seen_before(const PlanKey& key);
/// Stores copies of plan and body and returns the entry, pinned; nothing if there is no room or another worker was
/// faster.
PinnedPlan store_plan(const PlanKey& key, const PlanKey& body_hash, std::string_view plan, std::string_view body);

/// The Content-Type that pages had in the end, by a hash of everything it depends on; empty if it is not known. Like
/// the whole zone it survives reloads, so it may come from an earlier configuration.
std::string known_type(const PlanKey& key);
void store_known_type(const PlanKey& key, std::string_view type);

/// The directive `personalize_zone NAME:SIZE | off`.
char* set_plan_zone(ngx_conf_t* cf, const ngx_command_t& command, MainConf& main);
/// Once per configuration: adds the default zone if there is no directive.
char* add_default_plan_zone(ngx_conf_t* cf, MainConf& main);
/// In a worker, before it serves requests and then periodically, as it may have to wait until another worker is gone.
void enter_plan_zone(const MainConf& main, ngx_log_t* log);
/// In a worker that ends.
void leave_plan_zone();

}  // namespace personalize::module
