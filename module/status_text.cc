#include <string_view>

#include "module/exchange.h"
#include "module/status.h"

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
  std::string_view json, metric, help;
  Count Counters::* member;
  bool gauge = false;
};

constexpr Row rows[] = {
    {"responses", "responses_total", "Responses that were looked at", &Counters::requests},
    {"personalized", "personalized_total", "Pages that rules had edits for", &Counters::personalized},
    {"held", "held_total", "Pages that waited for a reply", &Counters::held},
    {"deadline_missed", "deadline_missed_total", "Pages decided without a reply that was asked for",
     &Counters::deadline_missed},
    {"exceptions", "exceptions_total", "Exceptions; the page went out as it came", &Counters::exceptions},
    {"plugin_failures", "plugin_failures_total", "Plugins that failed for a request", &Counters::plugin_failures},
    {"rules_replaced", "rules_replaced_total", "Changed rule files that were taken into use", &Counters::rules_replaced},
    {"rules_refused", "rules_refused_total", "Changed rule files that could not be used", &Counters::rules_refused},
    {"redis_queries", "redis_queries_total", "Commands sent to Redis", &Counters::redis_queries},
    {"redis_errors", "redis_errors_total", "Replies of Redis that were errors", &Counters::redis_errors},
    {"redis_disconnects", "redis_disconnects_total", "Connections to Redis that failed or were given up",
     &Counters::redis_disconnects},
    {"redis_refused", "redis_refused_total", "Pages that did not ask because no connection was healthy",
     &Counters::redis_refused},
    {"redis_recoveries", "redis_recoveries_total", "Connections to Redis that came back",
     &Counters::redis_recoveries},
    {"redis_shared", "redis_shared_total", "Queries that were not sent, because the same was in flight",
     &Counters::redis_shared},
    {"redis_redirects", "redis_redirects_total", "Replies that said that a key is elsewhere in the cluster",
     &Counters::redis_redirects},
    {"redis_moves", "redis_moves_total", "Times that Sentinels or a cluster named other masters",
     &Counters::redis_moves},
    {"profile_cache_hits", "profile_cache_hits_total", "Queries that the cache of profiles answered",
     &Counters::cache_hits},
    {"profile_cache_misses", "profile_cache_misses_total", "Queries that it could not answer",
     &Counters::cache_misses},
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
    {"redis_ready", "redis_connections", "Healthy connections to Redis", &Counters::redis_ready, true},
};

std::string_view label(Skipped skipped) { return skipped == Skipped::no ? "" : to_string(skipped); }

struct HistogramRow {
  std::string_view name, help;
  Histogram Counters::* member;
};

constexpr HistogramRow histograms[] = {
    {"decide", "Attributes, decision and content of one page", &Counters::decide},
    {"rewrite", "Rewriting one page's body", &Counters::rewrite},
};

std::uint64_t bucket(const StatusZone& zone, Histogram Counters::* member, std::size_t i) {
  return sum(zone, [&](const Counters& slot) -> const Count& { return (slot.*member).buckets[i]; });
}

std::uint64_t total_ns(const StatusZone& zone, Histogram Counters::* member) {
  return sum(zone, [&](const Counters& slot) -> const Count& { return (slot.*member).sum_ns; });
}

/// Calls `use(name, count)` for every skip reason and every profile status.
template <class Use>
void each_reason(const StatusZone& zone, Use use) {
  for (std::size_t i = 1; i <= static_cast<std::size_t>(Skipped::last); ++i) {
    use(label(static_cast<Skipped>(i)), sum(zone, [&](const Counters& slot) -> const Count& { return slot.skipped[i]; }));
  }
}

template <class Use>
void each_profile(const StatusZone& zone, Use use) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(engine::FetchStatus::last); ++i) {
    use(engine::to_string(static_cast<engine::FetchStatus>(i)),
        sum(zone, [&](const Counters& slot) -> const Count& { return slot.profile[i]; }));
  }
}

class Json {
 public:
  void open(std::string_view name = {}, char bracket = '{') { begin(name) += bracket; first_ = true; }
  void close(char bracket = '}') { text_ += bracket; first_ = false; }
  void add(std::string_view name, std::uint64_t value) { begin(name) += std::to_string(value); }
  void add(std::string_view name, std::string_view value) { ((begin(name) += '"') += value) += '"'; }
  std::string take() { return std::move(text_); }

 private:
  std::string& begin(std::string_view name) {
    if (!first_) text_ += ',';
    first_ = false;
    if (!name.empty()) ((text_ += '"') += name) += "\":";
    return text_;
  }
  std::string text_;
  bool first_ = true;
};

void add_head(std::string& text, std::string_view metric, std::string_view help, std::string_view type) {
  ((((text += "# HELP personalize_") += metric) += ' ') += help) += '\n';
  ((((text += "# TYPE personalize_") += metric) += ' ') += type) += '\n';
}

void add_sample(std::string& text, std::string_view metric, std::string_view labels, const std::string& value) {
  ((((text += "personalize_") += metric) += labels) += ' ') += value;
  text += '\n';
}

std::string seconds(std::uint64_t us) { return std::to_string(static_cast<double>(us) / 1e6); }

void add_histogram(std::string& text, const StatusZone& zone, const HistogramRow& row) {
  std::string metric = std::string(row.name) + "_seconds";
  add_head(text, metric, row.help, "histogram");
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= Histogram::bounds_us.size(); ++i) {
    count += bucket(zone, row.member, i);
    std::string bound = i < Histogram::bounds_us.size() ? seconds(Histogram::bounds_us[i]) : "+Inf";
    add_sample(text, metric + "_bucket", "{le=\"" + bound + "\"}", std::to_string(count));
  }
  add_sample(text, metric + "_sum", "", std::to_string(static_cast<double>(total_ns(zone, row.member)) / 1e9));
  add_sample(text, metric + "_count", "", std::to_string(count));
}

}  // namespace

std::string status_json(const StatusZone& zone, const MainConf& main) {
  Json json;
  json.open();
  for (const Row& row : rows) json.add(row.json, sum(zone, [&](const Counters& slot) -> const Count& { return slot.*row.member; }));
  json.open("skipped");
  each_reason(zone, [&](std::string_view name, std::uint64_t count) { json.add(name, count); });
  json.close();
  json.open("profile");
  each_profile(zone, [&](std::string_view name, std::uint64_t count) { json.add(name, count); });
  json.close();
  for (const HistogramRow& row : histograms) {
    json.open(std::string(row.name) + "_us");
    for (std::size_t i = 0; i < Histogram::bounds_us.size(); ++i) {
      json.add("<=" + std::to_string(Histogram::bounds_us[i]), bucket(zone, row.member, i));
    }
    json.add("more", bucket(zone, row.member, Histogram::bounds_us.size()));
    json.add("sum", total_ns(zone, row.member) / 1000);
    json.close();
  }
  json.open("rules", '[');
  for (const auto& loaded : main.engines) {
    const rules::RuleSet& rules = loaded->rule_set();
    json.open();
    json.add("version", rules.version());
    json.add("rules", rules.rule_count());
    json.add("slots", rules.slot_count());
    json.close();
  }
  json.close(']');
  json.close();
  return json.take() + "\n";
}

std::string status_prometheus(const StatusZone& zone, const MainConf& main) {
  std::string text;
  for (const Row& row : rows) {
    add_head(text, row.metric, row.help, row.gauge ? "gauge" : "counter");
    add_sample(text, row.metric, "",
               std::to_string(sum(zone, [&](const Counters& slot) -> const Count& { return slot.*row.member; })));
  }
  add_head(text, "skipped_total", "Responses that nothing was done to, by reason", "counter");
  each_reason(zone, [&](std::string_view name, std::uint64_t count) {
    add_sample(text, "skipped_total", "{reason=\"" + std::string(name) + "\"}", std::to_string(count));
  });
  add_head(text, "profile_total", "Decided pages, by what became of the visitor's profile", "counter");
  each_profile(zone, [&](std::string_view name, std::uint64_t count) {
    add_sample(text, "profile_total", "{status=\"" + std::string(name) + "\"}", std::to_string(count));
  });
  for (const HistogramRow& row : histograms) add_histogram(text, zone, row);
  add_head(text, "rules_info", "Rule sets that are loaded", "gauge");
  for (std::size_t i = 0; i < main.engines.size(); ++i) {
    add_sample(text, "rules_info",
               "{set=\"" + std::to_string(i) + "\",version=\"" + std::string(main.engines[i]->rule_set().version()) + "\"}",
               "1");
  }
  return text;
}

}  // namespace personalize::nginx
