// What is said first on a connection: who we are, which database, and whether it is the right server.
#pragma once

#include <hiredis/hiredis.h>

#include <string>
#include <tl/expected.hpp>

#include "engine/redis/options.h"

namespace personalize::engine::redis {

class Greeting {
 public:
  /// `options` outlives the greeting.
  explicit Greeting(const ConnectionOptions& options) : options_(options) {}

  /// The commands, to be sent at once: AUTH, SELECT and ROLE as far as the options want them, and PING.
  std::string begin();
  /// Takes the replies in their order. Whether that was the last one; or why the server cannot be used.
  tl::expected<bool, std::string> on_reply(const redisReply& reply);

 private:
  const ConnectionOptions& options_;
  unsigned awaited_ = 0;
};

}  // namespace personalize::engine::redis
