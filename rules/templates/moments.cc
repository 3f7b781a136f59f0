#include "rules/templates/moments.h"

#include <date/date.h>
#include <unicode/gregocal.h>
#include <unicode/simpletz.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "rules/cel/timestamps.h"
#include "rules/templates/icu_text.h"
#include "rules/text/ascii.h"

namespace personalize::rules::templates {
namespace {

constexpr double per_second = 1000, per_day = 86400 * per_second;

/// So many digits off the front of `text`, or -1.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int number = 0;
  for (char c : text.substr(0, count)) {
    if (!text::is_ascii_digit(c)) return -1;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return number;
}

/// Days since 1970 of "2026-12-24". Years with a sign have four to six digits (ISO 8601): 0000 and -0001 are before
/// Christ.
std::optional<double> parse_day(std::string_view text) {
  constexpr std::size_t month_and_day = 6;  // "-12-24"
  const bool before = text.starts_with('-'), sign = before || text.starts_with('+');
  if (sign) text.remove_prefix(1);
  const std::size_t digits = text.size() - std::min(text.size(), month_and_day);
  if (digits < 4 || digits > (sign ? 6U : 4U)) return std::nullopt;
  int year = take_digits(text, digits);
  if (year < 0 || text[0] != '-' || text[3] != '-') return std::nullopt;
  text.remove_prefix(1);
  const int month = take_digits(text, 2);
  if (month < 0) return std::nullopt;
  text.remove_prefix(1);
  const int day = take_digits(text, 2);
  if (day < 0) return std::nullopt;
  if (before) year = -year;
  // The calendar repeats itself; `date` has fewer years than people may write.
  constexpr int years = 400, days = 146'097;
  const int cycle = (year < 0 ? year - years + 1 : year) / years;
  const date::year_month_day in_cycle =
      date::year(year - cycle * years) / static_cast<unsigned>(month) / static_cast<unsigned>(day);
  if (!in_cycle.ok()) return std::nullopt;
  return static_cast<double>(date::sys_days(in_cycle).time_since_epoch().count()) + static_cast<double>(cycle) * days;
}

/// A zone with that offset, in seconds, to stand in for what ICU knows as `zone`.
std::unique_ptr<icu::TimeZone> with_offset(const icu::TimeZone& zone, std::int64_t offset) {
  constexpr std::int64_t minute = 60, hour = 60 * minute;
  icu::UnicodeString id;
  if (zone.getRawOffset() == offset * static_cast<std::int64_t>(per_second))  // it has a name, as in winter
    return std::make_unique<icu::SimpleTimeZone>(zone.getRawOffset(), zone.getID(id));
  const std::int64_t seconds = std::abs(offset);
  char gmt[32];
  std::snprintf(gmt, sizeof gmt, "GMT%c%02d:%02d:%02d", offset < 0 ? '-' : '+', static_cast<int>(seconds / hour % 100),
                static_cast<int>(seconds % hour / minute), static_cast<int>(seconds % minute));
  return std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(gmt));
}

/// Seconds to add to UTC, as ICU knows them.
std::optional<std::int64_t> offset_in(const icu::TimeZone& zone, double milliseconds) {
  std::int32_t raw = 0, summer = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone.getOffset(milliseconds, 0, raw, summer, status);
  if (U_FAILURE(status)) return std::nullopt;
  return (static_cast<std::int64_t>(raw) + summer) / static_cast<std::int64_t>(per_second);
}

/// Seconds since 1970 of a moment at which zones have the same offsets: their rules are known until the end of 2037,
/// and are about weekdays. The year is one whose days of the week are those of `milliseconds`' from March on.
std::int64_t with_known_rules(double milliseconds) {
  constexpr std::int64_t per_day_s = 86'400;
  constexpr date::year last_year{2037};
  const auto seconds = static_cast<std::int64_t>(std::floor(milliseconds / per_second));
  const auto last_day_of = [](date::year year) { return date::sys_days(year / date::December / 31); };
  if (seconds < (last_day_of(last_year).time_since_epoch().count() + 1) * per_day_s) return seconds;
  constexpr std::int64_t cycle = std::int64_t{146'097} * per_day_s;  // 400 years; `date` has 32 767
  const std::int64_t late = seconds % cycle + cycle * 5;
  const auto year = date::year_month_day(date::floor<date::days>(date::sys_seconds(std::chrono::seconds(late)))).year();
  date::year like = last_year;
  while (date::weekday(last_day_of(like)) != date::weekday(last_day_of(year))) --like;
  return late - (last_day_of(year) - last_day_of(like)).count() * per_day_s;
}

}  // namespace

std::optional<Moment> moment_of(const Value& value) {
  switch (value.kind()) {
    case Kind::timestamp:
      return Moment{static_cast<double>(value.seconds()) * per_second + std::floor(value.nanos() / 1e6)};
    case Kind::int64: return Moment{static_cast<double>(value.as_int64()) * per_second};
    case Kind::uint64: return Moment{static_cast<double>(value.as_uint64()) * per_second};
    case Kind::real: return Moment{std::floor(value.as_real() * per_second)};
    case Kind::string: break;
    default: return std::nullopt;
  }
  if (const auto day = parse_day(value.text())) return Moment{*day * per_day, true};
  const auto parsed = cel::parse_timestamp(value.text());
  return parsed ? moment_of(*parsed) : std::nullopt;
}

bool in_calendar(const Moment& moment) { return std::abs(moment.milliseconds) <= 1e8 * per_day; }

MomentFormat::MomentFormat(std::unique_ptr<icu::DateFormat> format) : format_(std::move(format)) {
  if (!format_) return;
  constexpr double always = -9'007'199'254'740'992;
  // Those that count years from elsewhere are subclasses.
  const icu::Calendar* calendar = format_->getCalendar();
  if (calendar == nullptr || calendar->getDynamicClassID() != icu::GregorianCalendar::getStaticClassID()) return;
  auto gregorian = std::make_unique<icu::GregorianCalendar>(static_cast<const icu::GregorianCalendar&>(*calendar));
  UErrorCode status = U_ZERO_ERROR;
  gregorian->setGregorianChange(always, status);
  format_->adoptCalendar(gregorian.release());
}

std::optional<icu::UnicodeString> MomentFormat::format(const Moment& moment, std::string_view zone) {
  if (!format_) return std::nullopt;
  use_zone(moment.whole_day || zone.empty() ? "UTC" : zone, moment.milliseconds);
  icu::UnicodeString text;
  format_->format(moment.milliseconds, text);
  return text;
}

// ICU brings time zones of its own, which Debian does not keep up to date: where they are others than those that
// rules and `time.*` go by, a zone with that offset stands in.
void MomentFormat::use_zone(std::string_view name, double milliseconds) {
  const std::int64_t seconds = with_known_rules(milliseconds);
  const auto wanted = cel::zone_offset(name, seconds);
  const auto fits = [&] {
    return !wanted || offset_in(format_->getTimeZone(), static_cast<double>(seconds) * per_second) == wanted;
  };
  if (zone_ == name && !stands_in_ && fits()) return;
  zone_ = name;
  format_->adoptTimeZone(icu::TimeZone::createTimeZone(to_icu(name)));
  stands_in_ = !fits();
  if (stands_in_) format_->adoptTimeZone(with_offset(format_->getTimeZone(), *wanted).release());
}

}  // namespace personalize::rules::templates
