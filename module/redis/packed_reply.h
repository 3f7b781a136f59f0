// Replies as bytes, to be kept.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "plugins/plugin.h"

namespace personalize::nginx::redis {

/// Of a reply that is not `absent`.
std::string pack(const plugins::Reply& reply);

/// Calls `use` with what was packed; valid during the call. False: these bytes are no reply, `use` was not called.
bool with_unpacked_reply(std::string_view bytes, const std::function<void(const plugins::Reply&)>& use);

}  // namespace personalize::nginx::redis
