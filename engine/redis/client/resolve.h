// Addresses as people write them.
#pragma once

#include "engine/redis/options.h"

namespace personalize::engine::redis::client {

/// "host", "host:port", "192.0.2.1:6379", "[2001:db8::1]:6379" or "unix:/run/redis.sock". Names are looked up by the
/// system, which may take as long as it likes.
tl::expected<Resolved, std::string> resolve(std::string_view text, int default_port);

}  // namespace personalize::engine::redis::client
