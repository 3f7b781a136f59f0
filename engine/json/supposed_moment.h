// When a request is, if parts of its local time are supposed: `--set time.hour=3`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/json/suppositions.h"

namespace personalize::engine::json {

/// `time.now`, or else `now_us`.
std::int64_t supposed_now(const Suppositions& suppositions, std::int64_t now_us);

/// Whether a part of the local time is supposed that moves the moment: an hour, a weekday, a date, …
bool supposes_local_time(const Suppositions& suppositions);

/// The moment whose local time in that zone has the supposed parts and is otherwise that of `now_us`; with a weekday
/// the next one. Microseconds since 1970 UTC; or why there is no such moment.
tl::expected<std::int64_t, std::string> supposed_moment(const Suppositions& suppositions, std::int64_t now_us,
                                                        std::string_view zone);

}  // namespace personalize::engine::json
