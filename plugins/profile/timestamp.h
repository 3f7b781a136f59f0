#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace personalize::plugins {

/// Seconds since 1970 UTC, nanoseconds after them; of a duration both have its sign.
struct Moment {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  bool operator==(const Moment&) const = default;
};

/// RFC 3339's date-time ("T" or a space between, fraction of up to nine digits), or seconds since 1970 as
/// decimal number; years 1 to 9999.
std::optional<Moment> parse_timestamp(std::string_view text);
/// Decimal seconds with an optional sign and fraction; up to CEL's range of durations, ±315 576 000 000 s.
std::optional<Moment> parse_seconds(std::string_view text);

}  // namespace personalize::plugins
