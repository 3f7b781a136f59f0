// An explained evaluation, as a table for people and as JSON.
#pragma once

#include <iosfwd>
#include <span>

#include "cli/json.h"
#include "engine/evaluation.h"
#include "html/edits/edit.h"
#include "plugins/request.h"
#include "rules/load/sources.h"

namespace personalize::cli {

struct Explained {
  engine::Evaluation& evaluation;  ///< decided
  const plugins::Request& request;
  std::span<const html::EditResult> results;  ///< one per edit, or none if no page was rewritten
  const rules::load::Sources& sources;        ///< of the evaluation's rules
  Json logged;                                ///< what an access log says was decided; see access_log.h
};

void write_explanation(const Explained& explained, std::ostream& out);

/// {"version", "profile", "attributes": {name: value}, "slots": [{"slot", "selector", "candidates": [{"rule", "place",
/// "won", "reason", "detail"}]}], "contents": [{"slot", "plugin", "content"}], "edits": [{"slot", "operation",
/// "content"…, "matches", "applied", "reason"}], "logged"}
Json explanation_json(const Explained& explained);

}  // namespace personalize::cli
