// personalize_status in Prometheus' text format.
#include <charconv>

#include "engine/version.h"
#include "module/status/families.h"
#include "module/status/rows.h"
#include "module/status/status.h"

namespace personalize::module {
namespace {

/// The text of a label's value or, if it has no quotation marks, of a help line.
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
    count += bucket(zone, row, i);
    const std::string bound = i < Histogram::bounds_us.size() ? number(Histogram::bounds_us[i] / 1e6) : "+Inf";
    add_sample(text, metric + "_bucket", "{le=\"" + bound + "\"}", static_cast<double>(count));
  }
  add_sample(text, metric + "_sum", "", static_cast<double>(total_ns(zone, row)) / 1e9);
  add_sample(text, metric + "_count", "", static_cast<double>(count));
}

}  // namespace

std::string status_prometheus(const StatusZone& zone, const MainConf& main) {
  const std::vector<WorkerNote> notes = worker_notes();
  std::string text;
  add_family(text, {"build_info", "The module's version", "version", false, {{std::string(version()), 1}}});
  add_family(text, responses(zone));
  for (const StatusRow& row : status_rows()) {
    if (row.metric.empty()) continue;
    add_head(text, row.metric, row.help, row.count == nullptr ? "gauge" : "counter");
    add_sample(text, row.metric, "", static_cast<double>(sum(zone, row)));
  }
  add_family(text, profiles(zone));
  add_family(text, events(zone));
  add_family(text, events_fact_missing(zone));
  add_family(text, events_unmade(zone));
  add_family(text, beacons(zone));
  add_family(text, beacon_events(zone));
  add_family(text, facts_ignored(zone));
  add_family(text, events_dropped(zone));
  add_family(text, rule_decisions(zone));
  for (const HistogramRow& row : histogram_rows()) add_histogram(text, zone, row);
  add_family(text, {"workers", "Workers that serve", "", false, {{"", static_cast<double>(notes.size())}}});
  for (const Family& family : rule_sets(main, notes)) add_family(text, family);
  for (const Family& family : plugin_families(notes, main)) add_family(text, family);
  for (const Family& family : shared_memory()) add_family(text, family);
  return text;
}

}  // namespace personalize::module
