// Times as people write them in requests and on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace personalize::engine::json {

/// Microseconds since 1970 UTC of "2026-12-24T18:00+01:00", "2026-12-24T17:00:00Z" or "2026-12-24", which is midnight
/// in UTC; or why the text is no time.
tl::expected<std::int64_t, std::string> parse_moment(const std::string& text);

/// Microseconds since 1970 UTC of this moment.
std::int64_t now();

}  // namespace personalize::engine::json
