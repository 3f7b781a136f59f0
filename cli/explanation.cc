#include "cli/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "engine/json/value_json.h"

namespace personalize::cli {
namespace {

std::string one_line(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// What an edit puts into the page.
std::string_view inserted(const html::Edit& edit) { return edit.content.empty() ? edit.value : edit.content; }

std::string reason(const rules::Candidate& candidate) {
  if (candidate.won) return candidate.no_content.empty() ? "shown" : "changes nothing: " + candidate.no_content;
  const std::string_view why = rules::to_string(candidate.lost);
  return candidate.detail.empty() ? std::string(why) : fmt::format("{}: {}", why, candidate.detail);
}

std::string shortened(std::string_view text, std::size_t length) {
  std::string line;
  for (char c : text) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    if (c == ' ' && (line.empty() || line.back() == ' ')) continue;
    line += c;
  }
  if (line.size() <= length) return line;
  while (length > 0 && (static_cast<unsigned char>(line[length]) & 0xC0) == 0x80) --length;  // not inside a character
  return line.substr(0, length) + "…";
}

void write_attributes(const engine::Evaluation& evaluation, std::ostream& out) {
  const rules::RuleSet& rules = evaluation.engine().rules();
  out << "\nwhat the rules know\n";
  for (rules::AttributeId id : rules.used_attributes()) {
    const rules::Value& value = evaluation.context()[id];
    out << fmt::format("  {:<28} {}\n", rules.schema()[id].name,
                       value.missing() ? "(missing)" : one_line(engine::json::to_json(value)));
  }
}

void write_candidates(const Explained& explained, std::ostream& out) {
  const rules::RuleSet& rules = explained.evaluation.engine().rules();
  const auto candidates = explained.evaluation.explain();
  out << "\nwhat was decided\n";
  for (rules::SlotId slot = 0; slot < rules.slot_count(); ++slot) {
    out << fmt::format("  {}  ({})\n", rules.slot_name(slot), rules.slot_selector(slot));
    for (const rules::Candidate& candidate : candidates)
      if (candidate.slot == slot)
        out << fmt::format("    {} {:<24} {} ({})\n", candidate.won && candidate.no_content.empty() ? "✓" : "·",
                           rules.rule_name(candidate.rule), reason(candidate), place(explained, candidate.rule));
  }
}

/// What plugins filled in for winning rules with `content`.
void write_contents(const engine::Evaluation& evaluation, std::ostream& out) {
  const rules::RuleSet& rules = evaluation.engine().rules();
  for (std::size_t i = 0; i < evaluation.contents().size(); ++i) {
    const auto [slot, rule] = evaluation.decisions()[i];
    const auto provider = rules.content_provider(rule);
    if (!provider) continue;
    const rules::Value& content = evaluation.contents()[i];
    out << fmt::format("  {:<16} {:<16} {}\n", rules.slot_name(slot), rules.schema().providers()[*provider].name,
                       content.missing() ? "gave no content: the page stays as it is"
                                         : shortened(one_line(engine::json::to_json(content)), 72));
  }
}

void write_edits(const Explained& explained, std::ostream& out) {
  const engine::Evaluation& evaluation = explained.evaluation;
  const auto results = explained.results;
  const rules::RuleSet& rules = evaluation.engine().rules();
  out << "\nwhat is edited\n";
  write_contents(evaluation, out);
  if (evaluation.edits().empty()) out << "  nothing\n";
  for (std::size_t i = 0; i < evaluation.edits().size(); ++i) {
    const html::Edit& edit = evaluation.edits()[i];
    out << fmt::format("  {:<16} {:<16} {}\n", rules.slot_name(edit.slot), html::to_string(edit.operation),
                       shortened(inserted(edit), 72));
    if (i >= results.size() || results[i].reason == html::Skip::none) continue;
    const auto hidden = engine::json::hidden_match(explained, i);
    out << fmt::format("  {:<16} {:<16} {} of {} matches edited: {}{}{}\n", "", "", results[i].applied,
                       results[i].matches, html::to_string(results[i].reason), hidden ? "; " : "", hidden.value_or(""));
  }
}

/// As $personalize_decisions shows them.
std::string decisions(const engine::Evaluation& evaluation) {
  const rules::RuleSet& rules = evaluation.engine().rules();
  std::string text;
  for (const rules::Decision& decision : evaluation.decisions())
    text +=
        fmt::format("{}{}={}", text.empty() ? "" : ",", rules.slot_name(decision.slot), rules.rule_name(decision.rule));
  return text;
}

/// How the logged decisions differ, and why they may.
void write_logged(const Explained& explained, const Json& logged, std::ostream& out) {
  if (!logged.contains("decisions")) return;
  const std::string then = logged.value("decisions", ""), now = decisions(explained.evaluation);
  out << "\nwhat the log says\n";
  out << fmt::format("  {:<10} {}\n", then == now ? "the same" : "decided", then.empty() ? "nothing" : then);
  const std::string version = logged.value("version", "");
  if (!version.empty() && version != explained.evaluation.engine().rules().version())
    out << fmt::format("  {:<10} {}: the rules were others\n", "version", version);
  const std::string profile = logged.value("profile", "");
  if (profile == "found" && explained.evaluation.profile_status() != engine::FetchStatus::found)
    out << fmt::format("  {:<10} {}: it is not in the log; give it with --profile\n", "profile", profile);
}

}  // namespace

void write_explanation(const Explained& explained, const Json& logged, std::ostream& out) {
  const engine::Evaluation& evaluation = explained.evaluation;
  const plugins::Request& request = explained.request;
  out << fmt::format("{} {}://{}{} from {}, {}\n", request.method, request.scheme, request.host, request.path,
                     request.address,
                     request.visitor.empty() ? "anonymous" : fmt::format("visitor {}", request.visitor));
  out << fmt::format("rules version {}, profile {}\n", evaluation.engine().rules().version(),
                     to_string(evaluation.profile_status()));
  if (evaluation.plugin_failures() != 0) out << fmt::format("plugin failed: {}\n", evaluation.plugin_failure());
  for (const std::string& note : explained.notes) out << "note: " << note << '\n';
  write_attributes(evaluation, out);
  write_candidates(explained, out);
  write_edits(explained, out);
  write_logged(explained, logged, out);
}

}  // namespace personalize::cli
