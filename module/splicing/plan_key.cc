#include "module/splicing/plan_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#define XXH_INLINE_ALL  // so little is hashed for every page that calling the library would double the cost
#include <xxhash.h>

#include <algorithm>
#include <string>

#include "rules/events/event_rules.h"

namespace personalize::module {
namespace {

constexpr std::int64_t second = 1'000'000'000;

/// A timespec, or what statx has instead.
std::int64_t nanoseconds(const auto& time) { return std::int64_t{time.tv_sec} * second + time.tv_nsec; }

/// At least one of these changes when a file is replaced or, if it is not immutable, written to.
struct Identity {
  std::uint64_t device, inode, validators;
  std::int64_t modified_ns, changed_ns, born_ns;
  std::int64_t size, from, to;
  PlanKey form, plans;
};

/// NGINX writes into a file of its cache when the backend says that it is still valid, but only before the body. So the
/// body is the same until another file takes its place, which was born later even if it has the same inode. Returns
/// when the file changed; nothing if the file system does not record when a file was born.
std::optional<std::int64_t> look_at_birth(int file, Identity& identity) {
  struct statx status;
  if (statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) return std::nullopt;
  if ((status.stx_mask & STATX_BTIME) == 0 || status.stx_btime.tv_sec == 0) return std::nullopt;
  identity.device = makedev(status.stx_dev_major, status.stx_dev_minor);
  identity.inode = status.stx_ino;
  identity.born_ns = nanoseconds(status.stx_btime);
  identity.size = static_cast<std::int64_t>(status.stx_size);
  return nanoseconds(status.stx_ctime);
}

/// Returns when the file changed.
std::optional<std::int64_t> look_at_changes(int file, Identity& identity) {
  struct stat status;
  if (fstat(file, &status) != 0) return std::nullopt;
  identity.device = status.st_dev;
  identity.inode = status.st_ino;
  identity.modified_ns = nanoseconds(status.st_mtim);
  identity.changed_ns = nanoseconds(status.st_ctim);
  identity.size = status.st_size;
  return identity.changed_ns;
}

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

bool reads_facts(const rules::RuleSet& rules) { return !rules.events().empty(); }

PlanKey hash_plans(const rules::RuleSet& rules, const PlanKey& selectors) {
  if (!reads_facts(rules)) return selectors;
  const std::uint64_t all[] = {selectors.low, selectors.high, rules.facts().hash()};
  return hash({reinterpret_cast<const char*>(all), sizeof all});
}

std::optional<IdentifiedPage> identify(const PageFile& page, const PlanKey& form, const PlanKey& plans) {
  Identity identity{};
  std::optional<std::int64_t> changed_ns;
  if (page.immutable) changed_ns = look_at_birth(page.file, identity);
  if (!changed_ns) changed_ns = look_at_changes(page.file, identity);
  if (!changed_ns || page.from >= page.to || page.to > identity.size) return std::nullopt;
  identity.validators = page.validators;
  identity.from = page.from;
  identity.to = page.to;
  identity.form = form;
  identity.plans = plans;
  IdentifiedPage identified{.key = hash({reinterpret_cast<const char*>(&identity), sizeof identity})};
  // The clock of a file system is coarse: within one tick a file may be written twice, or be replaced.
  const std::int64_t settled_ns = page.immutable ? second / 20 : 2 * second;
  const ngx_time_t* now = ngx_timeofday();
  identified.may_change =
      now->sec * second + static_cast<std::int64_t>(now->msec) * (second / 1000) - *changed_ns < settled_ns;
  return identified;
}

}  // namespace personalize::module
