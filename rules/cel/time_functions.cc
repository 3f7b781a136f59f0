// Parts of timestamps, in UTC or a zone, and of durations.
#include <date/date.h>

#include "rules/cel/functions.h"
#include "rules/cel/timestamps.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;

enum class Part : std::uint8_t {
  year,
  month,
  day_of_year,
  day_of_month,
  date,
  day_of_week,
  hours,
  minutes,
  seconds,
  milliseconds,
};

std::int64_t calendar_part(Part part, std::int64_t local_seconds, std::int32_t nanos) {
  const date::sys_seconds moment{std::chrono::seconds(local_seconds)};
  const auto day = date::floor<date::days>(moment);
  const std::int64_t second_of_day = (moment - day).count();
  switch (part) {
    case Part::hours: return second_of_day / 3600;
    case Part::minutes: return second_of_day / 60 % 60;
    case Part::seconds: return second_of_day % 60;
    case Part::milliseconds: return nanos / 1'000'000;
    case Part::day_of_week: return date::weekday(day).c_encoding();
    default: break;
  }
  const date::year_month_day ymd(day);
  switch (part) {
    case Part::year: return static_cast<int>(ymd.year());
    case Part::month: return static_cast<unsigned>(ymd.month()) - 1;
    case Part::date: return static_cast<unsigned>(ymd.day());
    case Part::day_of_month: return static_cast<unsigned>(ymd.day()) - 1;
    default: return (day - date::sys_days(ymd.year() / 1 / 1)).count();
  }
}

Value duration_part(Part part, const Value& duration) {
  switch (part) {
    case Part::hours: return Value::int64(duration.seconds() / 3600);
    case Part::minutes: return Value::int64(duration.seconds() / 60);
    case Part::seconds: return Value::int64(duration.seconds());
    case Part::milliseconds: return Value::int64(duration.nanos() / 1'000'000);
    default: return no_overload();
  }
}

template <Part part>
Value get(Args args, Scope& scope) {
  const Value& v = args[0];
  if (v.is(Kind::duration)) return args.size() == 1 ? duration_part(part, v) : no_overload();
  if (!v.is(Kind::timestamp)) return no_overload();
  std::int64_t offset = 0;
  if (args.size() > 1) {
    if (!args[1].is(Kind::string)) return no_overload();
    if (!scope.charge(20)) return over_budget();
    const auto found = zone_offset(args[1].text(), v.seconds());
    if (!found) return Value::error("unknown time zone");
    offset = *found;
  }
  return Value::int64(calendar_part(part, v.seconds() + offset, v.nanos()));
}

#define OF_TIMESTAMP "timestamp.():int;timestamp.(string):int"
#define OF_BOTH OF_TIMESTAMP ";duration.():int"

constexpr Definition time_definitions[] = {
    {"getFullYear", OF_TIMESTAMP, get<Part::year>},
    {"getMonth", OF_TIMESTAMP, get<Part::month>},
    {"getDayOfYear", OF_TIMESTAMP, get<Part::day_of_year>},
    {"getDayOfMonth", OF_TIMESTAMP, get<Part::day_of_month>},
    {"getDate", OF_TIMESTAMP, get<Part::date>},
    {"getDayOfWeek", OF_TIMESTAMP, get<Part::day_of_week>},
    {"getHours", OF_BOTH, get<Part::hours>},
    {"getMinutes", OF_BOTH, get<Part::minutes>},
    {"getSeconds", OF_BOTH, get<Part::seconds>},
    {"getMilliseconds", OF_BOTH, get<Part::milliseconds>},
};

#undef OF_TIMESTAMP
#undef OF_BOTH

}  // namespace

std::span<const Definition> time_functions() { return time_definitions; }

}  // namespace personalize::rules::cel
