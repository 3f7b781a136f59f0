// Times on the command line and in files.
#pragma once

#include <cstdint>
#include <string>

namespace personalize::cli {

/// Microseconds since 1970 UTC of "2026-12-24T18:00+01:00", "2026-12-24T17:00:00Z" or "2026-12-24", which is midnight
/// in UTC. Throws std::runtime_error.
std::int64_t parse_moment(const std::string& text);

/// Microseconds since 1970 UTC of this moment.
std::int64_t now();

}  // namespace personalize::cli
