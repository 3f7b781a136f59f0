// An explained visit, as a table for people and as JSON.
#pragma once

#include <iosfwd>
#include <span>

#include "cli/probes.h"
#include "engine/visit.h"
#include "html/edit.h"
#include "plugins/request.h"

namespace personalize::cli {

/// `results`: one per edit of the visit, or empty if no page was rewritten.
void write_explanation(engine::Visit& visit, const plugins::Request& request,
                       std::span<const html::EditResult> results, std::ostream& out);

/// {"version", "attributes": {name: value}, "slots": [{"slot", "selector", "candidates": [{"rule", "won", "reason",
/// "detail"}]}], "edits": [{"slot", "operation", "content"…, "matches", "applied", "reason"}]}
Json explanation_json(engine::Visit& visit, std::span<const html::EditResult> results);

}  // namespace personalize::cli
