// What was decided for a request, and why, as JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/evaluation.h"
#include "engine/json/json.h"
#include "html/edits/edit.h"
#include "plugins/request.h"
#include "rules/load/sources.h"

namespace personalize::engine::json {

struct Explained {
  Evaluation& evaluation;  ///< decided
  const plugins::Request& request;
  std::span<const html::EditResult> results;  ///< one per edit, or none if no page was rewritten
  const rules::load::Sources& sources;        ///< of the evaluation's rules
  std::vector<std::string> notes = {};        ///< what whoever asks should know besides
  std::string_view page = {};                 ///< the page that was rewritten
};

/// {"version", "profile", "attributes": {name: value}, "slots": [{"slot", "selector", "candidates": [{"rule", "place",
/// "won", "reason", "detail"}]}], "contents": [{"slot", "plugin", "content"}], "edits": [{"slot", "operation",
/// "content"…, "matches", "applied", "reason", "hidden"}], "notes": [text]}
Json to_json(const Explained& explained);

/// Where an edit that found no element would have found one; see rules/lint/hidden.h.
std::optional<std::string> hidden_match(const Explained& explained, std::size_t edit);

/// Where a rule is written: "home.yaml:12".
std::string place(const Explained& explained, rules::RuleId rule);

}  // namespace personalize::engine::json
