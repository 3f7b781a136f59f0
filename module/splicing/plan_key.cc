#include "module/splicing/plan_key.h"

#include <sys/stat.h>
#define XXH_INLINE_ALL  // what is hashed for every page is so short that calling the library would cost as much again
#include <xxhash.h>

#include <algorithm>
#include <string>

namespace personalize::nginx {
namespace {

constexpr std::int64_t second = 1'000'000'000;

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * second + time.tv_nsec; }

/// At least one of these changes when a file is replaced or written to.
struct Identity {
  std::uint64_t device, inode;
  std::int64_t modified_ns, changed_ns;
  std::int64_t size, from, to;
  PlanKey form, selectors;
};

}  // namespace

PlanKey hash(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

PlanKey hash_selectors(const rules::RuleSet& rules) {
  std::string all;
  for (rules::SlotId slot = 0; slot < rules.slot_count(); ++slot) {
    const bool sorted = std::ranges::binary_search(rules.sorted_slots(), slot);
    (all += rules.slot_selector(slot)) += sorted ? '\1' : '\0';
  }
  return hash(all);
}

bool identify(const PageFile& page, const PlanKey& form, const PlanKey& selectors, IdentifiedPage& identified) {
  struct stat status;
  if (fstat(page.file, &status) != 0 || page.from >= page.to || page.to > status.st_size) return false;
  const Identity identity{status.st_dev,
                          status.st_ino,
                          nanoseconds(status.st_mtim),
                          nanoseconds(status.st_ctim),
                          status.st_size,
                          page.from,
                          page.to,
                          form,
                          selectors};
  identified.key = hash({reinterpret_cast<const char*>(&identity), sizeof identity});
  // The clock of a file system is coarse: within one tick a file may be written twice, or be replaced.
  const std::int64_t settled_ns = page.immutable ? second / 20 : 2 * second;
  const ngx_time_t* now = ngx_timeofday();
  identified.may_change =
      now->sec * second + static_cast<std::int64_t>(now->msec) * (second / 1000) - identity.changed_ns < settled_ns;
  return true;
}

}  // namespace personalize::nginx
