// Replies for tests.
#pragma once

#include <cstdint>
#include <string_view>

#include "plugins/plugin.h"

namespace personalize::engine::redis {

inline plugins::Reply text(std::string_view value) { return {.kind = plugins::Reply::Kind::string, .text = value}; }
inline plugins::Reply number(std::int64_t value) { return {.kind = plugins::Reply::Kind::integer, .integer = value}; }

}  // namespace personalize::engine::redis
