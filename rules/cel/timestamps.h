// Timestamps and durations: arithmetic, text, calendar. Durations span what 64 bits of nanoseconds do (about
// 292 years), timestamps the years 1 to 9999, as CEL's specification has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/value.h"

namespace personalize::rules::cel {

/// `when` + `delta`, of a timestamp or a duration; an error if out of range.
Value add_duration(const Value& when, const Value& delta);
Value subtract_duration(const Value& when, const Value& delta);
Value subtract_timestamps(const Value& later, const Value& earlier);

/// The values, or errors if out of range. `nanos` may be anything.
Value make_timestamp(std::int64_t seconds, std::int64_t nanos);
Value make_duration(std::int64_t seconds, std::int64_t nanos);

/// "2026-10-01T07:00:00.5+02:00" (RFC 3339).
std::optional<Value> parse_timestamp(std::string_view text);
/// "1h30m", "-1.5s", "100ms": numbers with units h, m, s, ms, us, ns, as Go writes them.
std::optional<Value> parse_duration(std::string_view text);
/// RFC 3339 in UTC with as many digits of the fraction as are needed.
std::string format_timestamp(const Value& timestamp);
/// "5400s", "-1.5s".
std::string format_duration(const Value& duration);

/// Seconds to add to UTC in a zone at a moment. `zone` is an IANA name, "+02:00", "-02:30" or "02:00";
/// nothing if there is no such zone. Does not throw.
std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t utc_seconds);

/// Reads the rules of all zones, about 600 small files, so that no request waits for a disk. Once per process and
/// its forks; some 10 ms, then next to nothing.
void read_all_zones();

}  // namespace personalize::rules::cel
