// When a rule applies.
#pragma once

#include <date/date.h>

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/schedule/calendar.h"
#include "rules/schedule/recurrence.h"

namespace personalize::rules {

/// A moment in a zone, as its clocks and calendars show it.
struct LocalTime {
  date::sys_days day{};
  int minute = 0;            ///< of the day
  std::int64_t seconds = 0;  ///< since 1970 on that clock
};

/// The time of one request in the zones that schedules mention, each looked up once.
class Clock {
 public:
  /// The visitor's is the first of `visitor_zones` that is a zone; without one, the schedule's own stands in for it.
  /// `zones` by number.
  Clock(std::int64_t now_us, std::array<std::string_view, 2> visitor_zones, std::span<const std::string> zones,
        std::pmr::memory_resource& memory);
  std::int64_t now_seconds() const { return now_seconds_; }
  /// The visitor's time if `visitor` and it is known, else the zone's.
  const LocalTime& local(bool visitor, std::uint32_t zone) const;

 private:
  std::int64_t now_seconds_;
  std::array<std::string_view, 2> visitor_zones_;
  std::span<const std::string> zones_;
  mutable std::pmr::vector<std::optional<LocalTime>> known_;  // the visitor's is the last; empty: not asked for yet
  mutable bool visitor_unknown_ = false;
};

/// A bound in time: a day, a time on the zone's clock, or a moment.
struct Bound {
  enum class Kind : std::uint8_t { none, day, local, moment };
  Kind kind = Kind::none;
  date::sys_days day{};
  std::int64_t seconds = 0;  ///< of `local` and `moment`
  bool operator==(const Bound&) const = default;

  /// "2026-10-01", "2026-10-01T08:00", "2026-10-01T08:00+02:00", "2026-10-01T06:00Z"; seconds may be added.
  static std::optional<Bound> parse(std::string_view text);
};

/// Everything that is given must hold.
struct Schedule {
  struct Hours {
    int begin,
        end;  ///< minutes of the day; `end` < `begin`: over midnight, and the night belongs to the day it began on
    bool operator==(const Hours&) const = default;
  };
  Bound from;   ///< from the beginning of the day, or at that moment
  Bound until;  ///< to the end of that day, or until just before that moment
  std::vector<Hours> hours;
  unsigned weekdays = 0;  ///< bit 0 is Sunday; 0: every day
  std::optional<Recurrence> repeat;
  std::vector<Dates> only;  ///< one of these days
  std::vector<Dates> except;
  bool restricts_days = false;  ///< whether `only` was given, even if nothing is in it
  bool visitor = false;         ///< in the visitor's zone where that is known
  std::uint32_t zone = 0;       ///< number of the zone otherwise

  bool active(const Clock& clock) const;
  /// Why it is not active, for people: "before 2026-10-01", "not on Sunday", …; empty if it is.
  std::string explain(const Clock& clock) const;
  /// True if it can never be active at or after this moment.
  bool over(const Clock& clock) const;
  /// True if there is no day on which it could be active, whenever that is.
  bool never() const;
  bool operator==(const Schedule&) const = default;

 private:
  const char* refuse_day(date::sys_days day) const;
  const char* refuse(const Clock& clock) const;
};

}  // namespace personalize::rules
