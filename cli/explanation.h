// An explained evaluation, as a table for people.
#pragma once

#include <iosfwd>

#include "engine/json/decision_json.h"

namespace personalize::cli {

using engine::json::Explained;
using engine::json::Json;

/// `logged`: the decisions in an access log; see access_log.h.
void write_explanation(const Explained& explained, const Json& logged, std::ostream& out);

}  // namespace personalize::cli
