// What hiredis would believe a server, and must not.
#pragma once

#include <hiredis/async.h>

namespace personalize::nginx::redis {

/// Makes `context`'s reader refuse, as a protocol error, replies that nobody asked for (hiredis asserts that there are
/// none), and arrays of more elements than any profile has (hiredis allocates what the server announces).
void guard_reader(redisAsyncContext* context);

}  // namespace personalize::nginx::redis
