// personalize_status as JSON.
#include <nlohmann/json.hpp>

#include "engine/version.h"
#include "module/status/families.h"
#include "module/status/rows.h"
#include "module/status/status.h"

namespace personalize::module {
namespace {

using Json = nlohmann::ordered_json;

Json histogram_json(const StatusZone& zone, const HistogramRow& row) {
  Json json;
  for (std::size_t i = 0; i < Histogram::bounds_us.size(); ++i)
    json["<=" + std::to_string(Histogram::bounds_us[i])] = bucket(zone, row, i);
  json["more"] = bucket(zone, row, Histogram::bounds_us.size());
  json["sum"] = total_ns(zone, row) / 1000;
  return json;
}

/// A set of rules in this worker, and its state in the others.
Json rule_set_json(const LoadedRules& rules, std::size_t number, const std::vector<WorkerNote>& notes) {
  const LoadedEngine& loaded = rules.first();
  Json json{{"version", loaded.rule_set().version()},
            {"rules", loaded.rule_set().rule_count()},
            {"slots", loaded.rule_set().slot_count()},
            {"error", rules.refusal()}};
  Json workers = Json::object();
  std::uint64_t living = 0;
  for (const WorkerNote& note : notes) {
    if (number >= note.rules_count) continue;
    const Json& count = workers[note.rules[number].version];
    workers[note.rules[number].version] = count.is_null() ? 1 : count.get<int>() + 1;
    living += note.rules[number].living;
  }
  json["workers"] = std::move(workers);
  json["in_memory"] = living;
  return json;
}

Json number_json(double value) { return is_whole(value) ? Json(static_cast<std::uint64_t>(value)) : Json(value); }

Json family_json(const Family& family) {
  if (family.samples.size() == 1 && family.samples[0].label.empty()) return number_json(family.samples[0].value);
  Json json = Json::object();
  for (const Sample& sample : family.samples) json[sample.label] = number_json(sample.value);
  return json;
}

}  // namespace

std::string status_json(const StatusZone& zone, const MainConf& main) {
  const std::vector<WorkerNote> notes = worker_notes();
  Json json{{"version", version()}};
  for (const StatusRow& row : status_rows()) json[row.json] = sum(zone, row);
  json["skipped"] = family_json(skipped(zone));
  json["profile"] = family_json(profiles(zone));
  json["events"] = family_json(events(zone));
  json["events_fact_missing"] = family_json(events_fact_missing(zone));
  json["events_unmade"] = family_json(events_unmade(zone));
  json["beacons"] = family_json(beacons(zone));
  json["beacon_events"] = family_json(beacon_events(zone));
  json["facts_ignored"] = family_json(facts_ignored(zone));
  json["events_dropped"] = family_json(events_dropped(zone));
  json["decisions"] = family_json(rule_decisions(zone));
  for (const HistogramRow& row : histogram_rows()) json[std::string(row.name) + "_us"] = histogram_json(zone, row);
  json["rules"] = Json::array();
  for (std::size_t i = 0; i < main.rules.size(); ++i) json["rules"].push_back(rule_set_json(*main.rules[i], i, notes));
  json["workers"] = notes.size();
  for (const Family& family : plugin_families(notes, main)) json[family.name] = family_json(family);
  for (const Family& family : shared_memory()) json[family.name] = family_json(family);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace personalize::module
