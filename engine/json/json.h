// JSON that keeps the order of members, as people expect of what they read.
#pragma once

#include <nlohmann/json.hpp>

namespace personalize::engine::json {

using Json = nlohmann::ordered_json;

}  // namespace personalize::engine::json
