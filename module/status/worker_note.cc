#include "module/status/worker_note.h"

#include <algorithm>
#include <string_view>

namespace personalize::module {
namespace {

using plugins::Metric;

template <std::size_t size>
void write(char (&field)[size], std::string_view text) {
  text = text.substr(0, size - 1);
  *std::copy(text.begin(), text.end(), field) = '\0';
}

/// Merges `value` into the metric.
void combine(Metric& known, double value) {
  known.value = known.merge == Metric::Merge::sum ? known.value + value : std::min(known.value, value);
}

void add(std::vector<Metric> more, std::vector<Metric>& metrics) {
  for (Metric& metric : more) {
    const auto same = [&](const Metric& m) { return m.name == metric.name && m.label == metric.label; };
    const auto known = std::find_if(metrics.begin(), metrics.end(), same);
    if (known == metrics.end())
      metrics.push_back(std::move(metric));
    else
      combine(*known, metric.value);
  }
}

/// This worker's metrics, each name and label once: several engines may use the same database.
std::vector<Metric> own_metrics(const MainConf& main) {
  std::vector<Metric> metrics;
  for (const auto& rules : main.rules) {
    for (const auto& loaded : rules->engines) add(loaded->revision->engine->metrics(), metrics);
    std::vector<Metric> of_scripts;
    for (const PreparedRules* set : rules->sets()) set->scripts.add_metrics(of_scripts);
    add(std::move(of_scripts), metrics);
  }
  return metrics;
}

}  // namespace

void fill_in(WorkerNote& note, const MainConf& main) {
  note.metric_count = note.rules_count = 0;
  for (const Metric& metric : own_metrics(main)) {
    if (note.metric_count == max_noted_metrics) break;
    WorkerNote::Metric& noted = note.metrics[note.metric_count];
    if (metric.name.size() >= sizeof(noted.name)) continue;
    write(noted.name, metric.name);
    write(noted.label, metric.label);
    noted.value = metric.value;
    ++note.metric_count;
  }
  for (const auto& rules : main.rules) {
    if (note.rules_count == max_rule_sets) break;
    WorkerNote::Rules& noted = note.rules[note.rules_count++];
    write(noted.version, rules->first().rule_set().version());
    noted.living = static_cast<std::uint32_t>(rules->watch != nullptr ? rules->watch->living() : rules->sets().size());
    noted.refused = !rules->refusal().empty();
  }
  note.written = ngx_current_msec;
}

std::vector<Metric> merge_metrics(const std::vector<WorkerNote>& notes, const MainConf& main) {
  std::vector<Metric> described = own_metrics(main), merged;
  for (const WorkerNote& note : notes) {
    for (std::uint32_t i = 0; i < note.metric_count; ++i) {
      const WorkerNote::Metric& noted = note.metrics[i];
      const auto same = [&](const Metric& m) {
        return m.name == noted.name && std::string_view(m.label).substr(0, sizeof(noted.label) - 1) == noted.label;
      };
      if (auto known = std::find_if(merged.begin(), merged.end(), same); known != merged.end()) {
        combine(*known, noted.value);
      } else if (auto own = std::find_if(described.begin(), described.end(), same); own != described.end()) {
        merged.push_back(*own);
        merged.back().value = noted.value;
      }
    }
  }
  return merged;
}

}  // namespace personalize::module
