// Recurring days: a subset of RFC 5545's recurrence rules (3.3.10).
#pragma once

#include <date/date.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace personalize::rules {

/// FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, BYDAY (with numbers for MONTHLY and YEARLY), BYMONTH, BYMONTHDAY,
/// BYSETPOS, COUNT, UNTIL, WKST. A recurrence is a set of days.
class Recurrence {
 public:
  struct Error {
    std::size_t offset;
    std::string message;
  };

  /// `start` is the first day there can be (DTSTART); some rules need one.
  static tl::expected<Recurrence, Error> parse(std::string_view text, std::optional<date::sys_days> start);

  bool contains(date::sys_days day) const;

  /// The last day, if there is one.
  std::optional<date::sys_days> last() const { return until_; }

  /// True if it does not skip days, weeks, months or years: it repeats when the calendar does.
  bool every() const { return interval_ == 1; }

  bool operator==(const Recurrence&) const = default;

 private:
  enum class Frequency : std::uint8_t { daily, weekly, monthly, yearly };
  struct Weekday {
    unsigned number;  // 0 is Sunday
    int position;     // 1st, 2nd, …, -1 last; 0: every
    bool operator==(const Weekday&) const = default;
  };
  class Parser;

  /// The days of one of its days, weeks, months or years.
  struct Period {
    date::sys_days first, last;
  };
  Period period_of(date::sys_days day) const;
  date::sys_days week_of(date::sys_days day) const;  ///< its first day
  bool matches(date::sys_days day) const;
  bool has_set_position(date::sys_days day) const;
  /// Of a day that so many of its period come before and after.
  bool is_set_position(int before, int after) const;
  /// Those of a period, in order.
  std::vector<date::sys_days> days_in(const Period& period) const;
  bool in_interval(date::sys_days day) const;
  bool matches_weekday(const date::year_month_day& date, date::sys_days day) const;
  bool matches_month_day(const date::year_month_day& date) const;
  void count_out(std::int64_t count);

  Frequency frequency_ = Frequency::daily;
  std::int64_t interval_ = 1;
  std::optional<date::sys_days> start_;
  std::optional<date::sys_days> until_;
  std::vector<Weekday> weekdays_;
  std::vector<int> months_;
  std::vector<int> month_days_;
  std::vector<int> set_positions_;  // among the days of a period: 1 the first, -1 the last
  unsigned week_start_ = 1;         // Monday
};

}  // namespace personalize::rules
