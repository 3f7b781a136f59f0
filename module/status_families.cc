#include "module/status_families.h"

#include <algorithm>

namespace personalize::nginx {

Family rule_decisions(const StatusZone& zone) {
  Family family{"rule_decisions_total", "Times that a rule won a slot", "rule", true, {}};
  const auto count = [&](std::size_t number) {
    std::uint64_t total = 0;
    for (const Counters& slot : zone.slots) total += slot.decisions[number].load(std::memory_order_relaxed);
    return static_cast<double>(total);
  };
  for (std::size_t i = 0; i < zone.rules.size(); ++i)
    family.samples.push_back({std::string(zone.rules.name(i)), count(i)});
  // A rule may be called "other" too.
  const double others = count(most_counted_rules);
  const auto other =
      std::find_if(family.samples.begin(), family.samples.end(), [](const Sample& s) { return s.label == "other"; });
  if (other != family.samples.end())
    other->value += others;
  else
    family.samples.push_back({"other", others});
  return family;
}

std::vector<Family> plugin_families(const std::vector<WorkerNote>& notes, const MainConf& main) {
  std::vector<Family> families;
  for (const plugins::Metric& metric : merge_metrics(notes, main)) {
    const auto same = [&](const Family& family) { return family.name == metric.name; };
    auto family = std::find_if(families.begin(), families.end(), same);
    if (family == families.end())
      family =
          families.insert(family, {metric.name, metric.help, metric.label_name, metric.name.ends_with("_total"), {}});
    family->samples.push_back({metric.label, metric.value});
  }
  return families;
}

std::vector<Family> shared_memory() {
  Family sizes{"shared_memory_bytes", "Size of a zone of shared memory", "zone", false, {}};
  Family free{"shared_memory_free_bytes", "Bytes of a zone of shared memory that are free", "zone", false, {}};
  const ngx_list_t& list = const_cast<ngx_cycle_t*>(ngx_cycle)->shared_memory;
  for (const ngx_list_part_t* part = &list.part; part != nullptr; part = part->next) {
    auto* zones = static_cast<const ngx_shm_zone_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (zones[i].tag != &ngx_http_personalize_module || zones[i].shm.addr == nullptr) continue;
      const std::string name(view(zones[i].shm.name));
      auto* slabs = reinterpret_cast<ngx_slab_pool_t*>(zones[i].shm.addr);
      sizes.samples.push_back({name, static_cast<double>(zones[i].shm.size)});
      free.samples.push_back({name, static_cast<double>(slabs->pfree * ngx_pagesize)});
    }
  }
  return {std::move(sizes), std::move(free)};
}

}  // namespace personalize::nginx
