// Replies as bytes, to be kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plugins/plugin.h"

namespace personalize::engine::redis {

/// Of a reply that is not `absent`.
std::string pack(const plugins::Reply& reply);

/// What was packed: its texts are views of `bytes`, its arrays lie in `arena`. Nothing: these bytes are no reply.
std::optional<plugins::Reply> unpack(std::string_view bytes, rules::Arena& arena);

}  // namespace personalize::engine::redis
