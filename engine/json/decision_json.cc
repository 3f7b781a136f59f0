#include "engine/json/decision_json.h"

#include <fmt/format.h>

#include "engine/json/value_json.h"
#include "rules/lint/hidden.h"

namespace personalize::engine::json {

std::string place(const Explained& explained, rules::RuleId rule) {
  const rules::Diagnostic at = explained.sources.rule_sources[rule].warning({});
  return fmt::format("{}:{}", at.file, at.line);
}

std::optional<std::string> hidden_match(const Explained& explained, std::size_t edit) {
  if (explained.results[edit].reason != html::Skip::no_match) return std::nullopt;
  const Evaluation& evaluation = explained.evaluation;
  return rules::hidden_match(evaluation.engine().rules().slot_selector(evaluation.edits()[edit].slot), explained.page);
}

Json to_json(const Explained& explained) {
  Evaluation& evaluation = explained.evaluation;
  const auto results = explained.results;
  const rules::RuleSet& rules = evaluation.engine().rules();
  Json json{{"version", rules.version()}, {"profile", to_string(evaluation.profile_status())}};

  if (evaluation.plugin_failures() != 0) json["plugin_failure"] = evaluation.plugin_failure();

  Json& attributes = json["attributes"] = Json::object();
  for (rules::AttributeId id : rules.used_attributes())
    attributes[rules.schema()[id].name] = to_json(evaluation.context()[id]);

  const auto candidates = evaluation.explain();
  Json& slots = json["slots"] = Json::array();
  for (rules::SlotId slot = 0; slot < rules.slot_count(); ++slot) {
    Json fates = Json::array();
    for (const rules::Candidate& candidate : candidates) {
      if (candidate.slot != slot) continue;
      Json fate{{"rule", rules.rule_name(candidate.rule)},
                {"place", place(explained, candidate.rule)},
                {"won", candidate.won}};
      if (!candidate.won) fate["reason"] = rules::to_string(candidate.lost);
      if (!candidate.detail.empty()) fate["detail"] = candidate.detail;
      if (!candidate.no_content.empty()) fate["no_content"] = candidate.no_content;
      fates.push_back(std::move(fate));
    }
    slots.push_back(
        {{"slot", rules.slot_name(slot)}, {"selector", rules.slot_selector(slot)}, {"candidates", std::move(fates)}});
  }

  for (std::size_t i = 0; i < evaluation.contents().size(); ++i) {
    const auto [slot, rule] = evaluation.decisions()[i];
    if (const auto provider = rules.content_provider(rule))
      json["contents"].push_back({{"slot", rules.slot_name(slot)},
                                  {"plugin", rules.schema().providers()[*provider].name},
                                  {"content", to_json(evaluation.contents()[i])}});
  }
  Json& edits = json["edits"] = Json::array();
  for (std::size_t i = 0; i < evaluation.edits().size(); ++i) {
    const html::Edit& edit = evaluation.edits()[i];
    Json entry{{"slot", rules.slot_name(edit.slot)}, {"operation", html::to_string(edit.operation)}};
    if (!edit.name.empty()) entry["name"] = edit.name;
    if (!edit.content.empty()) entry["content"] = edit.content;
    if (!edit.value.empty()) entry["value"] = edit.value;
    if (i < results.size()) {
      entry["matches"] = results[i].matches;
      entry["applied"] = results[i].applied;
      entry["reason"] = html::to_string(results[i].reason);
      if (const auto hidden = hidden_match(explained, i)) entry["hidden"] = *hidden;
    }
    edits.push_back(std::move(entry));
  }
  if (!explained.notes.empty()) json["notes"] = explained.notes;
  return json;
}

}  // namespace personalize::engine::json
