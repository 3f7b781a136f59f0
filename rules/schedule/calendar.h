// Dates as rule files write them.
#pragma once

#include <date/date.h>

#include <optional>
#include <string_view>

namespace personalize::rules {

/// "2026-12-24", years 1970 to 9999.
std::optional<date::sys_days> parse_date(std::string_view text);
/// "20261224"
std::optional<date::sys_days> parse_compact_date(std::string_view text);
/// "12-24": a day of every year.
std::optional<date::month_day> parse_month_day(std::string_view text);
/// "07:30" (and "24:00") as minutes of the day.
std::optional<int> parse_time(std::string_view text);

/// A day or a range of them, of one year or of every year.
struct Dates {
  date::sys_days first{}, last{};  ///< if not `yearly`
  date::month_day yearly_first{}, yearly_last{};
  bool yearly = false;

  /// "2026-12-24", "12-24", "2026-12-24..2026-12-26", "12-24..01-06" (over the turn of the year).
  static std::optional<Dates> parse(std::string_view text);
  bool contains(date::sys_days day) const;
  bool operator==(const Dates&) const = default;
};

}  // namespace personalize::rules
