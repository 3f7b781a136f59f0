// hiredis' replies as plain values.
#pragma once

#include <hiredis/hiredis.h>

#include <functional>

#include "plugins/plugin.h"

namespace personalize::nginx::redis {

/// Calls `use` with what `reply` (null: none came) says; valid during the call. Replies that are deeper or larger than
/// any profile come out as errors.
void with_plain_reply(const redisReply* reply, const std::function<void(const plugins::Reply&)>& use);

}  // namespace personalize::nginx::redis
