#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "module/exchange.h"
#include "module/status.h"
#include "module/status_families.h"

namespace personalize::nginx {
namespace {

/// One sum over all workers.
template <class Get>
std::uint64_t sum(const StatusZone& zone, Get get) {
  std::uint64_t total = 0;
  for (const Counters& slot : zone.slots) total += get(slot).load(std::memory_order_relaxed);
  return total;
}

struct Row {
  std::string_view json, metric, help;  // no metric: it is part of one with labels
  Count Counters::*member;
  bool gauge = false;
};

constexpr Row rows[] = {
    {"responses", "", "Responses that were looked at", &Counters::requests},
    {"personalized", "", "Pages that rules had edits for", &Counters::personalized},
    {"held", "held_total", "Pages that waited for a reply", &Counters::held},
    {"deadline_missed", "deadline_missed_total", "Pages decided without a reply that was asked for",
     &Counters::deadline_missed},
    {"exceptions", "exceptions_total", "Exceptions; the page went out as it came", &Counters::exceptions},
    {"plugin_failures", "plugin_failures_total", "Plugins that failed for a request", &Counters::plugin_failures},
    {"rules_replaced", "rules_replaced_total", "Changed rule files that were taken into use",
     &Counters::rules_replaced},
    {"rules_refused", "rules_refused_total", "Changed rule files that could not be used", &Counters::rules_refused},
    {"redis_queries", "redis_queries_total", "Commands sent to Redis", &Counters::redis_queries},
    {"redis_errors", "redis_errors_total", "Replies of Redis that were errors", &Counters::redis_errors},
    {"redis_disconnects", "redis_disconnects_total", "Connections to Redis that failed or were given up",
     &Counters::redis_disconnects},
    {"redis_refused", "redis_refused_total", "Pages that did not ask because no connection was healthy",
     &Counters::redis_refused},
    {"redis_recoveries", "redis_recoveries_total", "Connections to Redis that came back", &Counters::redis_recoveries},
    {"redis_shared", "redis_shared_total", "Queries that were not sent, because the same was in flight",
     &Counters::redis_shared},
    {"redis_redirects", "redis_redirects_total", "Replies that said that a key is elsewhere in the cluster",
     &Counters::redis_redirects},
    {"redis_moves", "redis_moves_total", "Times that Sentinels or a cluster named other masters",
     &Counters::redis_moves},
    {"profile_cache_hits", "profile_cache_hits_total", "Queries that the cache of profiles answered",
     &Counters::cache_hits},
    {"profile_cache_misses", "profile_cache_misses_total", "Queries that it could not answer", &Counters::cache_misses},
    {"profile_cache_evictions", "profile_cache_evictions_total", "Profiles that had to make room while they were good",
     &Counters::cache_evictions},
    {"plans_built", "plans_built_total", "Splice plans made, and kept with their pages", &Counters::plans_built},
    {"plans_used", "plans_used_total", "Pages put together from a plan", &Counters::plans_used},
    {"plans_evicted", "plans_evicted_total", "Plans that others took the room of", &Counters::plans_evicted},
    {"not_modified", "not_modified_total", "Visitors who had their page already", &Counters::not_modified},
    {"weather_fresh", "weather_fresh_total", "Pages that had recent weather", &Counters::weather_fresh},
    {"weather_stale", "weather_stale_total", "Pages that had older weather", &Counters::weather_stale},
    {"weather_unknown", "weather_unknown_total", "Pages that wanted weather and had none", &Counters::weather_unknown},
    {"weather_fetches", "weather_fetches_total", "Weather reports asked for", &Counters::weather_fetches},
    {"weather_refused", "weather_refused_total", "Weather reports refused with an error", &Counters::weather_refused},
    {"weather_broken", "weather_broken_total", "Weather reports that did not come, or not to their end",
     &Counters::weather_broken},
    {"weather_unreadable", "weather_unreadable_total", "Weather reports that were none or too long",
     &Counters::weather_unreadable},
    {"weather_recoveries", "weather_recoveries_total", "Weather reports after failures", &Counters::weather_recoveries},
    {"redis_timeouts", "redis_timeouts_total", "Queries that a page gave up waiting for", &Counters::redis_timeouts},
    {"redis_ready", "redis_connections", "Healthy connections to Redis", &Counters::redis_ready, true},
    {"redis_broken", "redis_breakers_open", "Connections to Redis whose breaker is open or half open",
     &Counters::redis_broken, true},
};

std::string_view label(Skipped skipped) { return skipped == Skipped::no ? "" : to_string(skipped); }

struct HistogramRow {
  std::string_view name, help;
  Histogram Counters::*member;
};

constexpr HistogramRow histograms[] = {
    {"decide", "Attributes, decision and content of one page", &Counters::decide},
    {"rewrite", "Rewriting one page's body", &Counters::rewrite},
};

std::uint64_t bucket(const StatusZone& zone, Histogram Counters::*member, std::size_t i) {
  return sum(zone, [&](const Counters& slot) -> const Count& { return (slot.*member).buckets[i]; });
}

std::uint64_t total_ns(const StatusZone& zone, Histogram Counters::*member) {
  return sum(zone, [&](const Counters& slot) -> const Count& { return (slot.*member).sum_ns; });
}

/// Calls `use(name, count)` for every skip reason and every profile status.
template <class Use>
void each_reason(const StatusZone& zone, Use use) {
  for (std::size_t i = 1; i <= static_cast<std::size_t>(Skipped::last); ++i) {
    use(label(static_cast<Skipped>(i)),
        sum(zone, [&](const Counters& slot) -> const Count& { return slot.skipped[i]; }));
  }
}

template <class Use>
void each_profile(const StatusZone& zone, Use use) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(engine::FetchStatus::last); ++i) {
    use(engine::to_string(static_cast<engine::FetchStatus>(i)),
        sum(zone, [&](const Counters& slot) -> const Count& { return slot.profile[i]; }));
  }
}

using Json = nlohmann::ordered_json;

Json histogram_json(const StatusZone& zone, const HistogramRow& row) {
  Json json;
  for (std::size_t i = 0; i < Histogram::bounds_us.size(); ++i)
    json["<=" + std::to_string(Histogram::bounds_us[i])] = bucket(zone, row.member, i);
  json["more"] = bucket(zone, row.member, Histogram::bounds_us.size());
  json["sum"] = total_ns(zone, row.member) / 1000;
  return json;
}

/// A rule set as this worker has it, and how the others fare with theirs.
Json rule_set_json(const LoadedEngine& loaded, std::size_t number, const std::vector<WorkerNote>& notes) {
  Json json{{"version", loaded.rule_set().version()},
            {"rules", loaded.rule_set().rule_count()},
            {"slots", loaded.rule_set().slot_count()},
            {"error", loaded.refusal}};
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

bool is_whole(double value) { return value >= 0 && value < 9e15 && value == std::floor(value); }

Json number_json(double value) { return is_whole(value) ? Json(static_cast<std::uint64_t>(value)) : Json(value); }

Json family_json(const Family& family) {
  if (family.samples.size() == 1 && family.samples[0].label.empty()) return number_json(family.samples[0].value);
  Json json = Json::object();
  for (const Sample& sample : family.samples) json[sample.label] = number_json(sample.value);
  return json;
}

Family responses(const StatusZone& zone) {
  Family family{"responses_total", "Responses that were looked at, by what became of them", "outcome", true, {}};
  family.samples.push_back({"personalized", static_cast<double>(sum(zone, [](const Counters& slot) -> const Count& {
                              return slot.personalized;
                            }))});
  each_reason(zone, [&](std::string_view reason, std::uint64_t count) {
    family.samples.push_back({std::string(reason), static_cast<double>(count)});
  });
  return family;
}

Family profiles(const StatusZone& zone) {
  Family family{"profiles_total", "Decided pages, by what became of the visitor's profile", "status", true, {}};
  each_profile(zone, [&](std::string_view status, std::uint64_t count) {
    family.samples.push_back({std::string(status), static_cast<double>(count)});
  });
  return family;
}

/// Where all workers have the same rules, one of the samples is the number of workers, and the others are not there.
std::vector<Family> rule_sets(const MainConf& main, const std::vector<WorkerNote>& notes) {
  Family workers{"rules_workers", "Workers that serve with a rule set, by its version", "version", false, {}};
  Family refused{"rules_refused",
                 "Workers that could not use the rule files as they are now, by number of the set",
                 "set",
                 false,
                 {}};
  Family living{"rules_in_memory",
                "Rule sets in the memory of all workers, old ones that pages still hold included",
                "",
                false,
                {{"", 0}}};
  std::map<std::string_view, double> versions;
  for (std::size_t set = 0; set < main.engines.size(); ++set) {
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

/// Text of a label's value or, without quotation marks, of a help line.
std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '\\' || c == '"')
      (result += '\\') += c;
    else if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result;
}

std::string number(double value) {
  char text[32];
  const auto end = is_whole(value) ? std::to_chars(text, text + sizeof(text), static_cast<std::uint64_t>(value)).ptr
                                   : std::to_chars(text, text + sizeof(text), value).ptr;
  return {text, end};
}

void add_head(std::string& text, std::string_view metric, std::string_view help, std::string_view type) {
  ((((text += "# HELP personalize_") += metric) += ' ') += help) += '\n';
  ((((text += "# TYPE personalize_") += metric) += ' ') += type) += '\n';
}

void add_sample(std::string& text, std::string_view metric, std::string_view labels, double value) {
  (((((text += "personalize_") += metric) += labels) += ' ') += number(value)) += '\n';
}

void add_family(std::string& text, const Family& family) {
  if (family.samples.empty()) return;
  add_head(text, family.name, family.help, family.counter ? "counter" : "gauge");
  for (const Sample& sample : family.samples) {
    const bool labelled = !sample.label.empty();
    add_sample(text, family.name, labelled ? "{" + family.label_name + "=\"" + escaped(sample.label) + "\"}" : "",
               sample.value);
  }
}

void add_histogram(std::string& text, const StatusZone& zone, const HistogramRow& row) {
  const std::string metric = std::string(row.name) + "_seconds";
  add_head(text, metric, row.help, "histogram");
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= Histogram::bounds_us.size(); ++i) {
    count += bucket(zone, row.member, i);
    const std::string bound = i < Histogram::bounds_us.size() ? number(Histogram::bounds_us[i] / 1e6) : "+Inf";
    add_sample(text, metric + "_bucket", "{le=\"" + bound + "\"}", static_cast<double>(count));
  }
  add_sample(text, metric + "_sum", "", static_cast<double>(total_ns(zone, row.member)) / 1e9);
  add_sample(text, metric + "_count", "", static_cast<double>(count));
}

}  // namespace

std::string status_json(const StatusZone& zone, const MainConf& main) {
  const std::vector<WorkerNote> notes = worker_notes();
  Json json;
  for (const Row& row : rows)
    json[row.json] = sum(zone, [&](const Counters& slot) -> const Count& { return slot.*row.member; });
  json["skipped"] = Json::object();
  each_reason(zone, [&](std::string_view name, std::uint64_t count) { json["skipped"][name] = count; });
  json["profile"] = family_json(profiles(zone));
  json["decisions"] = family_json(rule_decisions(zone));
  for (const HistogramRow& row : histograms) json[std::string(row.name) + "_us"] = histogram_json(zone, row);
  json["rules"] = Json::array();
  for (std::size_t i = 0; i < main.engines.size(); ++i)
    json["rules"].push_back(rule_set_json(*main.engines[i], i, notes));
  json["workers"] = notes.size();
  for (const Family& family : plugin_families(notes, main)) json[family.name] = family_json(family);
  for (const Family& family : shared_memory()) json[family.name] = family_json(family);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string status_prometheus(const StatusZone& zone, const MainConf& main) {
  const std::vector<WorkerNote> notes = worker_notes();
  std::string text;
  add_family(text, responses(zone));
  for (const Row& row : rows) {
    if (row.metric.empty()) continue;
    add_head(text, row.metric, row.help, row.gauge ? "gauge" : "counter");
    const auto total = sum(zone, [&](const Counters& slot) -> const Count& { return slot.*row.member; });
    add_sample(text, row.metric, "", static_cast<double>(total));
  }
  add_family(text, profiles(zone));
  add_family(text, rule_decisions(zone));
  for (const HistogramRow& row : histograms) add_histogram(text, zone, row);
  add_family(text, {"workers", "Workers that serve", "", false, {{"", static_cast<double>(notes.size())}}});
  for (const Family& family : rule_sets(main, notes)) add_family(text, family);
  for (const Family& family : plugin_families(notes, main)) add_family(text, family);
  for (const Family& family : shared_memory()) add_family(text, family);
  return text;
}

}  // namespace personalize::nginx
