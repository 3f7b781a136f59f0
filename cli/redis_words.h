// Redis as people name it on the command line.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "engine/redis/client/blocking_client.h"

namespace personalize::cli {

/// `words`: address and parameters as for NGINX's personalize_redis, in one piece or several. The error says what is
/// wrong with them. Nobody is connected to yet.
tl::expected<std::unique_ptr<engine::redis::client::BlockingClient>, std::string> redis_client(
    const std::vector<std::string>& words);

}  // namespace personalize::cli
