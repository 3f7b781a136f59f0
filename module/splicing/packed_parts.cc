#include "module/splicing/packed_parts.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "module/coding/brotli.h"
#include "module/coding/deflate.h"
#include "module/splicing/plan_key.h"
#include "module/worker/worker_timer.h"
#include "plugins/background_task.h"

namespace personalize::module {
namespace {

constexpr std::size_t max_waiting = 64;
constexpr ngx_msec_t pause_while_packing = 5;
constexpr ngx_msec_t pause_while_idle = 3600 * 1000;

struct Job {
  PlanKey key;
  Coding coding;
  PinnedPlan page;    // where `part` is …
  KeptPageFile file;  // … or where it has to be read
  std::string_view part;
  std::optional<PackedText> packed;

  void run() noexcept {
    try {
      if (!file)
        packed = pack(coding, part);
      else if (const std::optional<std::string> read = file->read())
        packed = pack(coding, *read);
    } catch (const std::bad_alloc&) {  // a later request tries again
    }
  }
};

/// What a thread of this worker is compressing, and what waits for that.
struct Packing {
  std::vector<Job> waiting, under_way;
  plugins::BackgroundTask task;
};
Packing* packing = nullptr;

/// Stored without bytes if there are too many of them or compressing failed, so that it is not tried again.
void keep(const PlanKey& key, const PackedText& packed) {
  const std::string_view sum(reinterpret_cast<const char*>(&packed.sum), sizeof packed.sum);
  store_plan(key, {}, sum, packed.bytes.size() <= max_page_bytes() ? packed.bytes : std::string_view());
}

WorkerTimer packing_timer([](ngx_log_t*) {
  if (packing->task.done()) {
    for (const Job& job : packing->under_way) {
      if (job.packed) keep(job.key, *job.packed);
    }
    packing->under_way.clear();
  }
  if (packing->task.under_way()) return pause_while_packing;
  if (packing->waiting.empty()) return pause_while_idle;
  packing->under_way = std::exchange(packing->waiting, {});
  const bool started =
      packing->task.start([jobs = &packing->under_way] {  // a worker that ends destroys `packing` first
        for (Job& job : *jobs) job.run();
      });
  if (started) return pause_while_packing;
  packing->under_way.clear();
  return pause_while_idle;
});

void want(const PlanKey& page, const PlanKey& key, Coding coding, const PagePiece& part, const PageFile& file) {
  if (packing == nullptr) packing = new Packing;
  const auto is_it = [&](const Job& job) { return job.key == key; };
  if (packing->waiting.size() == max_waiting || std::any_of(packing->waiting.begin(), packing->waiting.end(), is_it) ||
      std::any_of(packing->under_way.begin(), packing->under_way.end(), is_it)) {
    return;
  }
  Job job{.key = key, .coding = coding, .page = {}, .file = {}, .part = {}, .packed = {}};
  if (part.bytes == nullptr) {
    job.file = KeptPageFile(file.slice(part.at, part.size));
  } else {
    job.page = find_plan(page);
    job.part = part.text();
  }
  if (!job.file && !job.page) return;
  packing->waiting.push_back(std::move(job));
  if (!packing->task.under_way()) packing_timer.start(1, ngx_cycle->log);
}

}  // namespace

std::uint32_t PackedSum::append_to(std::uint32_t before) const {
  return static_cast<std::uint32_t>(crc32_combine_op(before, crc, shift));
}

PackedText pack(Coding coding, std::string_view text) {
  PackedText packed{{.size = text.size()}, {}};
  if (coding == Coding::gzip) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    packed.sum.crc = static_cast<std::uint32_t>(crc32_z(0, bytes, text.size()));
    packed.sum.shift = crc32_combine_gen(static_cast<z_off_t>(text.size()));
    packed.bytes = deflate_best(text);
  } else {
    packed.bytes = brotli_best(text);
  }
  return packed;
}

std::optional<PackedPart> packed_part(Coding coding, const PlanKey& page, const PagePiece& part, const PageFile& file) {
  const std::uint64_t what[] = {page.low, page.high, part.at, part.size, static_cast<std::uint64_t>(coding)};
  const PlanKey key = hash({reinterpret_cast<const char*>(what), sizeof what});
  PinnedPlan entry = find_plan(key);
  if (!entry || entry->plan_size != sizeof(PackedSum)) {
    want(page, key, coding, part, file);
    return std::nullopt;
  }
  if (entry->body_size == 0) return std::nullopt;
  PackedPart found{.entry = {}, .bytes = entry->body(), .sum = {}};
  std::memcpy(&found.sum, entry->plan().data(), sizeof found.sum);
  found.entry = std::move(entry);
  return found;
}

void stop_packing() {
  packing_timer.stop();
  delete std::exchange(packing, nullptr);
}

}  // namespace personalize::module
