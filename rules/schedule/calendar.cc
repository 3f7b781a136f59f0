#include "rules/schedule/calendar.h"

#include <algorithm>

namespace personalize::rules {
namespace {

/// Digits of `text` as a number; -1 if it is anything else.
int number(std::string_view text) {
  int result = 0;
  if (text.empty()) return -1;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    result = result * 10 + (c - '0');
  }
  return result;
}

std::optional<date::sys_days> make_date(int year, int month, int day) {
  constexpr int first_year = 1970;
  if (year < first_year || month < 0 || day < 0) return std::nullopt;
  const auto date = date::year(year) / month / day;
  if (!date.ok()) return std::nullopt;
  return date::sys_days(date);
}

}  // namespace

std::optional<date::sys_days> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  return make_date(number(text.substr(0, 4)), number(text.substr(5, 2)), number(text.substr(8, 2)));
}

std::optional<date::sys_days> parse_compact_date(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  return make_date(number(text.substr(0, 4)), number(text.substr(4, 2)), number(text.substr(6, 2)));
}

std::optional<date::month_day> parse_month_day(std::string_view text) {
  if (text.size() != 5 || text[2] != '-') return std::nullopt;
  const int month = number(text.substr(0, 2)), day = number(text.substr(3, 2));
  if (month < 0 || day < 0) return std::nullopt;
  const date::month_day result = date::month(static_cast<unsigned>(month)) / day;
  if (!result.ok()) return std::nullopt;
  return result;
}

std::optional<int> parse_time(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() != colon + 3) return std::nullopt;
  const int hour = number(text.substr(0, colon)), minute = number(text.substr(colon + 1));
  constexpr int day = 24 * 60;
  if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > day) return std::nullopt;
  return hour * 60 + minute;
}

std::optional<Dates> Dates::parse(std::string_view text) {
  const std::size_t dots = text.find("..");
  const std::string_view begin = text.substr(0, dots);
  const std::string_view end = dots == std::string_view::npos ? begin : text.substr(dots + 2);
  Dates dates;
  if (const auto first = parse_date(begin), last = parse_date(end); first && last) {
    if (*last < *first) return std::nullopt;
    dates.first = *first;
    dates.last = *last;
    return dates;
  }
  const auto first = parse_month_day(begin), last = parse_month_day(end);
  if (!first || !last) return std::nullopt;
  dates.yearly = true;
  dates.yearly_first = *first;
  dates.yearly_last = *last;
  return dates;
}

bool Dates::contains(date::sys_days day) const {
  if (!yearly) return day >= first && day <= last;
  const date::year_month_day date(day);
  const date::month_day at = date.month() / date.day();
  if (yearly_first <= yearly_last) return at >= yearly_first && at <= yearly_last;
  return at >= yearly_first || at <= yearly_last;
}

}  // namespace personalize::rules
