#include "module/packed_parts.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/errand.h"
#include "module/deflate.h"
#include "module/plan_key.h"
#include "module/worker_timer.h"

namespace personalize::nginx {
namespace {

constexpr std::size_t most_waiting = 64;
constexpr ngx_msec_t pause_while_packing = 5;
constexpr ngx_msec_t pause_while_idle = 3600 * 1000;

/// In front of the bytes, in the place of a page's plan.
struct PartHeader {
  std::uint64_t size;   // of what they stand for
  std::uint64_t shift;  // by which a checksum in front of it is moved: zlib's crc32_combine_gen
  std::uint32_t crc;
  std::uint32_t zero;
};

struct Job {
  PlanKey key;
  PinnedPlan page;  // where `part` is
  std::string_view part;
  PartHeader header{};
  std::string packed;
};

/// What is compressed beside this worker, and what waits for that.
struct Packing {
  std::vector<Job> waiting, under_way;
  engine::Errand errand;
};
Packing* packing = nullptr;

void pack(std::vector<Job>& jobs) {
  for (Job& job : jobs) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(job.part.data());
    job.header.size = job.part.size();
    job.header.crc = static_cast<std::uint32_t>(crc32_z(0, bytes, job.part.size()));
    job.header.shift = crc32_combine_gen(static_cast<z_off_t>(job.part.size()));
    job.packed = deflate_best(job.part);
  }
}

WorkerTimer timer([](ngx_log_t*) {
  if (packing->errand.done()) {
    for (const Job& job : packing->under_way) {
      const std::string_view header(reinterpret_cast<const char*>(&job.header), sizeof job.header);
      if (!job.packed.empty()) keep_plan(job.key, {}, header, job.packed);
    }
    packing->under_way.clear();
  }
  if (packing->errand.under_way()) return pause_while_packing;
  if (packing->waiting.empty()) return pause_while_idle;
  packing->under_way = std::exchange(packing->waiting, {});
  if (packing->errand.start([] { pack(packing->under_way); })) return pause_while_packing;
  packing->under_way.clear();
  return pause_while_idle;
});

void want(const PlanKey& page, const PlanKey& key, std::string_view part) {
  if (packing == nullptr) packing = new Packing;
  const auto is_it = [&](const Job& job) { return job.key == key; };
  if (packing->waiting.size() == most_waiting || std::any_of(packing->waiting.begin(), packing->waiting.end(), is_it) ||
      std::any_of(packing->under_way.begin(), packing->under_way.end(), is_it)) {
    return;
  }
  PinnedPlan pinned = find_plan(page);
  if (!pinned) return;
  packing->waiting.push_back({.key = key, .page = std::move(pinned), .part = part});
  if (!packing->errand.under_way()) timer.start(1, ngx_cycle->log);
}

}  // namespace

std::uint32_t PackedPart::append_to(std::uint32_t before) const {
  return static_cast<std::uint32_t>(crc32_combine_op(before, crc, shift));
}

std::optional<PackedPart> packed_part(const PlanKey& page, std::string_view body, std::string_view part) {
  const std::uint64_t what[] = {page.low, page.high, static_cast<std::uint64_t>(part.data() - body.data()),
                                part.size()};
  const PlanKey key = hash({reinterpret_cast<const char*>(what), sizeof what});
  PinnedPlan entry = find_plan(key);
  if (!entry || entry->plan_size != sizeof(PartHeader)) {
    want(page, key, part);
    return std::nullopt;
  }
  PartHeader header;
  std::memcpy(&header, entry->plan().data(), sizeof header);
  const std::string_view bytes = entry->body();
  return PackedPart{std::move(entry), bytes, header.crc, header.shift, header.size};
}

void stop_packing() {
  timer.stop();
  delete std::exchange(packing, nullptr);
}

}  // namespace personalize::nginx
