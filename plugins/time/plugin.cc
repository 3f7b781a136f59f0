#include "plugins/time/plugin.h"

#include <date/date.h>
#include <date/iso_week.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;

constexpr std::string_view weekdays[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
constexpr std::string_view seasons[] = {"winter", "spring", "summer", "autumn"};
constexpr std::string_view dayparts[] = {"night", "morning", "afternoon", "evening"};

constexpr AttributeRow time_rows[] = {
    {"zone", {Kind::string}, "IANA time zone that the other attributes are in"},
    {"utc_offset_minutes", {Kind::int64}, "minutes to add to UTC, with summer time"},
    {"now", {Kind::timestamp}, "the moment of the request"},
    {"hour", {Kind::int64}, "0 to 23"},
    {"minute", {Kind::int64}, "0 to 59"},
    {"minute_of_day", {Kind::int64}, "0 to 1439"},
    {"weekday", {Kind::string}, "monday to sunday", weekdays},
    {"weekday_number", {Kind::int64}, "1 (Monday) to 7 (Sunday)"},
    {"day", {Kind::int64}, "of the month, 1 to 31"},
    {"month", {Kind::int64}, "1 to 12"},
    {"year", {Kind::int64}, "for example 2026"},
    {"week", {Kind::int64}, "ISO 8601 week, 1 to 53"},
    {"day_of_year", {Kind::int64}, "1 to 366"},
    {"date", {Kind::string}, "2026-11-22"},
    {"season", {Kind::string}, "spring, summer, autumn or winter, by whole months and hemisphere", seasons},
    {"daypart", {Kind::string}, "morning (from 6), afternoon (12), evening (18) or night (22)", dayparts},
    {"is_weekend", {Kind::boolean}, "Saturday or Sunday"},
    {"holiday", {Kind::string}, "name of the first list of holidays in the rule files that has today, or empty"},
    {"holidays", {Kind::list, Kind::string}, "names of all of them"},
};
static_assert(std::size(time_rows) == TimePlugin::field_count);

std::string_view daypart_of(std::int64_t hour) {
  if (hour >= 22) return dayparts[0];
  return dayparts[hour / 6];
}

/// Meteorological seasons: whole months.
std::string_view season_of(unsigned month, bool south) { return seasons[(month % 12 / 3 + (south ? 2 : 0)) % 4]; }

}  // namespace

void TimePlugin::configure(const Settings& settings) {
  default_zone_ = settings.default_time_zone;
  try {
    zones_ = std::make_unique<Zones>();
  } catch (const std::exception& error) {
    throw ConfigurationError(std::string("no time zones, install Debian's tzdata: ") + error.what());
  }
  if (!zones_->known(default_zone_))
    throw ConfigurationError("\"" + default_zone_ + "\" is not a time zone; write it like Europe/London");
}

void TimePlugin::apply_rule_settings(const RuleSettings& settings) {
  for (const rules::Holidays& list : settings.holidays) {
    Calendar& calendar = calendars_.emplace_back(Calendar{list.name, {}});
    for (const std::string& text : list.days)
      if (const auto days = rules::Dates::parse(text)) calendar.days.push_back(*days);
  }
}

std::span<const AttributeRow> TimePlugin::attributes() const { return time_rows; }

std::span<const RoleRow> TimePlugin::roles() const {
  static constexpr RoleRow rows[] = {
      {zone, rules::Role::time_zone},
      {holiday, rules::Role::holiday},
      {holidays, rules::Role::holidays},
  };
  return rows;
}

void TimePlugin::activate(Activation& activation) {
  geo_time_zone_ = activation.use("geo.time_zone");
  if (activation.wants(season)) geo_latitude_ = activation.use("geo.latitude");
}

void TimePlugin::resolve(const Request& request, std::span<const Reply>, Attributes& attributes) const {
  using namespace std::chrono;
  std::string_view zone_name = default_zone_;
  bool south = false;
  if (geo_time_zone_)
    if (const Value& known = attributes.get(*geo_time_zone_); known.is(Kind::string) && zones_->known(known.text()))
      zone_name = known.text();
  if (attributes.assumed(zone) && attributes.own(zone).is(Kind::string)) zone_name = attributes.own(zone).text();
  if (geo_latitude_)
    if (const Value& latitude = attributes.get(*geo_latitude_); latitude.is(Kind::real)) south = latitude.as_real() < 0;

  const date::sys_time<microseconds> now_utc{microseconds(request.now_us)};
  const auto now_seconds = date::floor<seconds>(now_utc);
  const std::int32_t offset = zones_->utc_offset(zone_name, now_seconds.time_since_epoch().count());
  const date::local_seconds local{now_seconds.time_since_epoch() + seconds(offset)};
  const auto today = date::floor<date::days>(local);
  const date::year_month_day calendar(today);
  const std::int64_t minutes = duration_cast<std::chrono::minutes>(local - today).count();
  const date::weekday day_of_week(today);
  const auto set = [&](Field field, Value value) { attributes.set(field, value); };

  set(now, Value::timestamp(now_seconds.time_since_epoch().count(),
                            static_cast<std::int32_t>(duration_cast<nanoseconds>(now_utc - now_seconds).count())));
  if (attributes.wants(zone)) set(zone, Value::string(rules::copy(attributes.arena(), zone_name)));
  set(utc_offset_minutes, Value::int64(offset / 60));
  set(hour, Value::int64(minutes / 60));
  set(minute, Value::int64(minutes % 60));
  set(minute_of_day, Value::int64(minutes));
  set(weekday, Value::string(weekdays[day_of_week.c_encoding()]));
  set(weekday_number, Value::int64(day_of_week.iso_encoding()));
  set(day, Value::int64(unsigned{calendar.day()}));
  set(month, Value::int64(unsigned{calendar.month()}));
  set(year, Value::int64(int{calendar.year()}));
  if (attributes.wants(week))
    set(week,
        Value::int64(unsigned{iso_week::year_weeknum_weekday(date::sys_days(today.time_since_epoch())).weeknum()}));
  set(day_of_year, Value::int64((today - date::local_days(calendar.year() / 1 / 1)).count() + 1));
  if (attributes.wants(full_date)) {
    char text[32];
    const auto end = fmt::format_to_n(text, sizeof(text), "{:04}-{:02}-{:02}", int{calendar.year()},
                                      unsigned{calendar.month()}, unsigned{calendar.day()});
    set(full_date, Value::string(rules::copy(attributes.arena(), {text, end.size})));
  }
  set(season, Value::string(season_of(unsigned{calendar.month()}, south)));
  set(daypart, Value::string(daypart_of(minutes / 60)));
  set(is_weekend, Value::boolean(day_of_week == date::Saturday || day_of_week == date::Sunday));
  resolve_holidays(date::sys_days(today.time_since_epoch()), attributes);
}

void TimePlugin::resolve_holidays(date::sys_days today, Attributes& attributes) const {
  if (!attributes.wants(holiday) && !attributes.wants(holidays)) return;
  auto* names =
      static_cast<Value*>(attributes.arena().allocate((calendars_.size() + 1) * sizeof(Value), alignof(Value)));
  std::size_t count = 0;
  for (const Calendar& calendar : calendars_)
    if (std::any_of(calendar.days.begin(), calendar.days.end(),
                    [&](const rules::Dates& days) { return days.contains(today); }))
      new (names + count++) Value(Value::string(calendar.name));
  attributes.set(holiday, count > 0 ? names[0] : Value::string(""));
  attributes.set(holidays, Value::list({names, count}));
}

}  // namespace personalize::plugins
