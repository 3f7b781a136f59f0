// Probes: one JSON object in, one out, each showing what the engine really does. They call the code that the module
// calls. A probe may throw; the caller turns that into {"error": …}.
#pragma once

#include "engine/json/json.h"

namespace personalize::cli {

using engine::json::Json;

Json probe_tokens(const Json& input);
Json probe_extents(const Json& input);
Json probe_rewrite(const Json& input);
Json probe_cel(const Json& input);
Json probe_template(const Json& input);
Json probe_device(const Json& input);
Json probe_geo(const Json& input);
Json probe_consent(const Json& input);
Json probe_filters(const Json& input);

}  // namespace personalize::cli
