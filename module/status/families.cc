#include "module/status/families.h"

#include <algorithm>
#include <map>

#include "engine/events/make_events.h"
#include "learn/events/beacon.h"
#include "module/events/beacon.h"
#include "module/events/event_log.h"
#include "module/events/recorder.h"
#include "module/page/exchange.h"
#include "module/status/rows.h"

namespace personalize::module {
namespace {

using EventCounts = std::array<Count, Counters::max_event_names>;

Family by_event_name(const StatusZone& zone, Family family, EventCounts Counters::*counts) {
  for (const learn::events::Word& word : learn::events::vocabulary()) {
    const auto name = static_cast<std::size_t>(word.name);
    const std::uint64_t count = sum(zone, [&](const Counters& slot) -> const Count& { return (slot.*counts)[name]; });
    family.samples.push_back({std::string(word.text), static_cast<double>(count)});
  }
  return family;
}

}  // namespace

Family skipped(const StatusZone& zone) {
  Family family{"skipped_total", "Responses that were left as they are", "reason", true, {}};
  for (std::size_t i = 1; i <= static_cast<std::size_t>(Skipped::last); ++i) {
    const std::uint64_t count = sum(zone, [&](const Counters& slot) -> const Count& { return slot.skipped[i]; });
    family.samples.push_back({std::string(to_string(static_cast<Skipped>(i))), static_cast<double>(count)});
  }
  return family;
}

Family responses(const StatusZone& zone) {
  Family family = skipped(zone);
  family.name = "responses_total";
  family.help = "Responses that were looked at, by outcome";
  family.label_name = "outcome";
  const std::uint64_t count = sum(zone, [](const Counters& slot) -> const Count& { return slot.personalized; });
  family.samples.insert(family.samples.begin(), {"personalized", static_cast<double>(count)});
  return family;
}

Family profiles(const StatusZone& zone) {
  Family family{"profiles_total", "Decided pages, by outcome of the profile look-up", "status", true, {}};
  for (std::size_t i = 0; i <= static_cast<std::size_t>(engine::FetchStatus::last); ++i) {
    const std::uint64_t count = sum(zone, [&](const Counters& slot) -> const Count& { return slot.profile[i]; });
    family.samples.push_back(
        {std::string(engine::to_string(static_cast<engine::FetchStatus>(i))), static_cast<double>(count)});
  }
  return family;
}

Family beacons(const StatusZone& zone) {
  Family family{"beacons_total", "Beacons, by what became of them", "outcome", true, {}};
  for (std::size_t i = 0; i <= static_cast<std::size_t>(BeaconOutcome::last); ++i) {
    const std::uint64_t count = sum(zone, [&](const Counters& slot) -> const Count& { return slot.beacons[i]; });
    family.samples.push_back({std::string(to_string(static_cast<BeaconOutcome>(i))), static_cast<double>(count)});
  }
  return family;
}

Family beacon_events(const StatusZone& zone) {
  using learn::events::BeaconVerdict;
  Family family{"beacon_events_total", "Events of beacons that were taken, by verdict", "verdict", true, {}};
  for (std::size_t i = 0; i <= static_cast<std::size_t>(BeaconVerdict::last); ++i) {
    const std::uint64_t count = sum(zone, [&](const Counters& slot) -> const Count& { return slot.beacon_events[i]; });
    family.samples.push_back({std::string(to_string(static_cast<BeaconVerdict>(i))), static_cast<double>(count)});
  }
  return family;
}

Family events_dropped(const StatusZone& zone) {
  Family family{"events_dropped_total", "Events that are not in the log, by reason", "reason", true, {}};
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Dropped::last); ++i) {
    const std::uint64_t count = sum(zone, [&](const Counters& slot) -> const Count& { return slot.events_dropped[i]; });
    family.samples.push_back({std::string(to_string(static_cast<Dropped>(i))), static_cast<double>(count)});
  }
  return family;
}

Family events_unmade(const StatusZone& zone) {
  Family family{"events_unmade_total", "Requests that made no event although some are declared", "reason", true, {}};
  for (std::size_t i = 1; i <= static_cast<std::size_t>(engine::NoEvent::last); ++i) {
    const std::uint64_t count = sum(zone, [&](const Counters& slot) -> const Count& { return slot.events_unmade[i]; });
    family.samples.push_back(
        {std::string(engine::to_string(static_cast<engine::NoEvent>(i))), static_cast<double>(count)});
  }
  return family;
}

Family events(const StatusZone& zone) {
  return by_event_name(zone, {"events_total", "Events made, by name", "name", true, {}}, &Counters::events);
}

Family events_fact_missing(const StatusZone& zone) {
  return by_event_name(
      zone, {"events_fact_missing_total", "Events without a fact that rule files want for them", "name", true, {}},
      &Counters::events_fact_missing);
}

Family facts_ignored(const StatusZone& zone) {
  Family family{"facts_ignored_total", "Pages with more facts than are read, or larger ones", "name", true, {}};
  for (std::size_t i = 0; i <= static_cast<std::size_t>(IgnoredFacts::last); ++i) {
    const std::uint64_t count = sum(zone, [&](const Counters& slot) -> const Count& { return slot.facts_ignored[i]; });
    family.samples.push_back({std::string(to_string(static_cast<IgnoredFacts>(i))), static_cast<double>(count)});
  }
  return family;
}

Family rule_decisions(const StatusZone& zone) {
  Family family{"rule_decisions_total", "Times that a rule won a slot", "rule", true, {}};
  const auto count = [&](std::size_t number) {
    return static_cast<double>(sum(zone, [&](const Counters& slot) -> const Count& { return slot.decisions[number]; }));
  };
  for (std::size_t i = 0; i < zone.rules.size(); ++i)
    family.samples.push_back({std::string(zone.rules.name(i)), count(i)});
  // A rule may also be called "other".
  const double others = count(max_counted_rules);
  const auto other =
      std::find_if(family.samples.begin(), family.samples.end(), [](const Sample& s) { return s.label == "other"; });
  if (other != family.samples.end())
    other->value += others;
  else
    family.samples.push_back({"other", others});
  return family;
}

std::vector<Family> rule_sets(const MainConf& main, const std::vector<WorkerNote>& notes) {
  Family workers{"rules_workers", "Workers that use a rule set, by its version", "version", false, {}};
  Family refused{
      "rules_refused", "Workers that cannot use the current rule files, by number of the set", "set", false, {}};
  Family living{"rules_in_memory",
                "Rule sets in the memory of all workers, including old ones that pages still use",
                "",
                false,
                {{"", 0}}};
  std::map<std::string_view, double> versions;
  for (std::size_t set = 0; set < main.rules.size(); ++set) {
    refused.samples.push_back({std::to_string(set), 0});
    for (const WorkerNote& note : notes) {
      if (set >= note.rules_count) continue;
      ++versions[note.rules[set].version];
      refused.samples.back().value += note.rules[set].refused;
      living.samples[0].value += note.rules[set].living;
    }
  }
  for (const auto& [version, count] : versions) workers.samples.push_back({std::string(version), count});
  return {std::move(workers), std::move(refused), std::move(living)};
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
  for (const ngx_shm_zone_t* zone : all_zones()) {
    const std::string name(view(zone->shm.name));
    const auto* slabs = reinterpret_cast<const ngx_slab_pool_t*>(zone->shm.addr);
    sizes.samples.push_back({name, static_cast<double>(zone->shm.size)});
    free.samples.push_back({name, static_cast<double>(slabs->pfree * ngx_pagesize)});
  }
  return {std::move(sizes), std::move(free)};
}

}  // namespace personalize::module
