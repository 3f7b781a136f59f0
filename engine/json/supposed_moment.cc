#include "engine/json/supposed_moment.h"

#include <date/date.h>
#include <date/iso_week.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <sstream>

#include "rules/cel/timestamps.h"

namespace personalize::engine::json {
namespace {

using std::chrono::seconds;
using Day = tl::expected<date::local_days, std::string>;

constexpr std::string_view parts[] = {"time.date",          "time.year", "time.month",   "time.day",
                                      "time.day_of_year",   "time.week", "time.weekday", "time.weekday_number",
                                      "time.minute_of_day", "time.hour", "time.minute"};
constexpr std::string_view weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

/// Year, month and day; a day that is not supposed is the last one of a month that has fewer.
Day calendar_day(const Suppositions& supposed, date::local_days today) {
  date::year_month_day day(today);
  if (const auto text = supposed.text("time.date")) {
    std::istringstream in{std::string(*text)};
    in >> date::parse("%F", day);
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof() || text->size() != 10)
      return tl::unexpected(
          fmt::format("request: attribute time.date: \"{}\" is not a date such as 2026-12-24", *text));
  }
  if (const auto year = supposed.integer("time.year"))
    day = date::year(static_cast<int>(*year)) / day.month() / day.day();
  if (const auto month = supposed.integer("time.month"))
    day = day.year() / date::month(static_cast<unsigned>(*month)) / day.day();
  if (const auto number = supposed.integer("time.day"))
    day = day.year() / day.month() / date::day(static_cast<unsigned>(*number));
  else if (!day.ok())
    day = day.year() / day.month() / date::last;
  if (!day.ok())
    return tl::unexpected(fmt::format("request: there is no day {} in {:04}-{:02}", unsigned{day.day()},
                                      int{day.year()}, unsigned{day.month()}));
  return date::local_days(day);
}

std::optional<std::int64_t> weekday_number(const Suppositions& supposed) {
  if (const auto number = supposed.integer("time.weekday_number")) return number;
  const auto name = supposed.text("time.weekday");
  if (!name) return std::nullopt;
  return std::ranges::find(weekdays, *name) - std::begin(weekdays) + 1;
}

Day day_of(const Suppositions& supposed, date::local_days today) {
  Day calendar = calendar_day(supposed, today);
  if (!calendar) return calendar;
  date::local_days day = *calendar;
  if (const auto number = supposed.integer("time.day_of_year"))
    day = date::local_days(date::year_month_day(day).year() / 1 / 1) + date::days(*number - 1);
  const auto iso = [](date::local_days of) {
    return iso_week::year_weeknum_weekday(date::sys_days(of.time_since_epoch()));
  };
  const bool in_week = supposed.integer("time.week").has_value();
  if (in_week) day += date::weeks(*supposed.integer("time.week") - static_cast<int>(unsigned{iso(day).weeknum()}));
  const auto number = weekday_number(supposed);
  const bool fixed = supposed.find("time.date") || supposed.find("time.day") || supposed.find("time.day_of_year");
  if (!number || fixed) return day;
  const auto ahead = *number - static_cast<std::int64_t>(date::weekday(day).iso_encoding());
  return day + date::days(in_week || ahead >= 0 ? ahead : ahead + 7);
}

seconds time_of_day(const Suppositions& supposed, seconds now) {
  using std::chrono::hours, std::chrono::minutes, std::chrono::duration_cast;
  if (const auto minute = supposed.integer("time.minute_of_day")) now = minutes(*minute) + now % minutes(1);
  if (const auto hour = supposed.integer("time.hour")) now = hours(*hour) + now % hours(1);
  if (const auto minute = supposed.integer("time.minute"))
    now = duration_cast<hours>(now) + minutes(*minute) + now % minutes(1);
  return now;
}

}  // namespace

std::int64_t supposed_now(const Suppositions& suppositions, std::int64_t now_us) {
  const auto now = suppositions.find("time.now");
  if (!now || !now->is(rules::Kind::timestamp)) return now_us;
  return now->seconds() * 1'000'000 + now->nanos() / 1000;
}

bool supposes_local_time(const Suppositions& suppositions) {
  return std::ranges::any_of(parts, [&](std::string_view part) {
    const auto value = suppositions.find(part);
    return value && !value->missing();
  });
}

tl::expected<std::int64_t, std::string> supposed_moment(const Suppositions& suppositions, std::int64_t now_us,
                                                        std::string_view zone) {
  const auto offset = [&](seconds utc) { return seconds(rules::cel::zone_offset(zone, utc.count()).value_or(0)); };
  const std::chrono::microseconds exact(now_us);
  const auto utc = date::floor<seconds>(exact);
  const date::local_seconds local{utc + offset(utc)};
  const auto today = date::floor<date::days>(local);
  const Day day = day_of(suppositions, today);
  if (!day) return tl::unexpected(day.error());
  const seconds wanted = (*day + time_of_day(suppositions, local - today)).time_since_epoch();
  seconds moment = wanted - offset(wanted - offset(utc));  // the clocks may have changed in between
  return (moment + (exact - utc)).count();
}

}  // namespace personalize::engine::json
