#include "rules/schedule/recurrence.h"

#include <algorithm>
#include <charconv>

#include "rules/schedule/calendar.h"

namespace personalize::rules {
namespace {

using date::days;
using date::sys_days;
using date::year_month_day;

bool contains(const std::vector<int>& list, int value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

int days_in_month(const year_month_day& date) {
  return static_cast<int>(static_cast<unsigned>((date.year() / date.month() / date::last).day()));
}

/// Whether a day is the `position`th of its kind: there are `before` others before it and `after` after it.
bool is_position(int position, int before, int after) {
  if (position == 0) return true;
  return position > 0 ? before == position - 1 : after == -position - 1;
}

}  // namespace

class Recurrence::Parser {
 public:
  Parser(std::string_view text, Recurrence& recurrence) : text_(text), recurrence_(recurrence) {}

  tl::expected<void, Error> parse() {
    if (!read()) return tl::unexpected(std::move(error_));
    return {};
  }

 private:
  bool read() {
    if (text_.starts_with("RRULE:")) at_ = 6;
    while (at_ < text_.size()) {
      const std::size_t end = std::min(text_.find(';', at_), text_.size());
      const std::string_view part = text_.substr(at_, end - at_);
      const std::size_t equals = part.find('=');
      if (equals == std::string_view::npos) return fail(at_, "expected NAME=VALUE");
      const std::string_view name = part.substr(0, equals);
      const std::size_t name_at = at_;
      at_ += equals + 1;
      if (!part_named(name, part.substr(equals + 1), name_at)) return false;
      at_ = end + 1;
    }
    return has_frequency_ ? finish() : fail(0, "FREQ= is missing");
  }

  bool fail(std::size_t offset, std::string message) {
    error_ = {offset, std::move(message)};
    return false;
  }

  bool part_named(std::string_view name, std::string_view value, std::size_t name_at) {
    if (name == "FREQ") return frequency(value);
    if (name == "INTERVAL") return number(value, 1, 10000, recurrence_.interval_);
    if (name == "COUNT") return number(value, 1, 10000, count_);
    if (name == "UNTIL") return until(value);
    if (name == "BYDAY") return each(value, [&](std::string_view v) { return weekday(v); });
    if (name == "BYMONTH")
      return each(value, [&](std::string_view v) { return listed(v, 1, 12, recurrence_.months_); });
    if (name == "BYMONTHDAY")
      return each(value, [&](std::string_view v) { return listed(v, -31, 31, recurrence_.month_days_); });
    if (name == "BYSETPOS")
      return each(value, [&](std::string_view v) { return listed(v, -366, 366, recurrence_.set_positions_); });
    if (name == "WKST") return week_start(value);
    return fail(name_at,
                "only FREQ, INTERVAL, BYDAY, BYMONTH, BYMONTHDAY, BYSETPOS, COUNT, UNTIL and WKST are known, not " +
                    std::string(name.substr(0, 40)));
  }

  bool frequency(std::string_view value) {
    constexpr std::string_view names[] = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    const auto found = std::find(std::begin(names), std::end(names), value);
    if (found == std::end(names)) return fail(at_, "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY");
    recurrence_.frequency_ = static_cast<Frequency>(found - std::begin(names));
    has_frequency_ = true;
    return true;
  }

  bool number(std::string_view value, std::int64_t least, std::int64_t most, std::int64_t& result) {
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), result);
    if (parsed.ec == std::errc() && parsed.ptr == value.data() + value.size() && result >= least && result <= most)
      return true;
    return fail(at_, "expected a number from " + std::to_string(least) + " to " + std::to_string(most));
  }

  bool listed(std::string_view value, int least, int most, std::vector<int>& list) {
    if (value.starts_with('+')) value.remove_prefix(1);
    std::int64_t result = 0;
    if (!number(value, least, most, result)) return false;
    if (result == 0) return fail(at_, "they are counted from 1, or from -1 at the end");
    list.push_back(static_cast<int>(result));
    return true;
  }

  /// 0 is Sunday.
  static std::optional<unsigned> weekday_named(std::string_view name) {
    constexpr std::string_view names[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
    const auto found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) return std::nullopt;
    return static_cast<unsigned>(found - std::begin(names));
  }

  bool week_start(std::string_view value) {
    const auto day = weekday_named(value);
    if (!day) return fail(at_, "WKST is a day: MO, TU, WE, TH, FR, SA or SU");
    recurrence_.week_start_ = *day;
    return true;
  }

  bool weekday(std::string_view value) {
    const auto day = weekday_named(value.size() >= 2 ? value.substr(value.size() - 2) : value);
    if (!day) return fail(at_, "days are MO, TU, WE, TH, FR, SA, SU, with a number such as 1MO or -1FR");
    std::int64_t position = 0;
    std::string_view digits = value.substr(0, value.size() - 2);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    if (!digits.empty() && !number(digits, -53, 53, position)) return false;
    recurrence_.weekdays_.push_back({*day, static_cast<int>(position)});
    has_positions_ = has_positions_ || position != 0;
    return true;
  }

  bool until(std::string_view value) {
    const auto day = value.size() >= 8 ? parse_compact_date(value.substr(0, 8)) : std::nullopt;
    if (!day || (value.size() > 8 && value[8] != 'T')) return fail(at_, "UNTIL is a date such as 20261231");
    recurrence_.until_ = *day;
    return true;
  }

  template <typename Read>
  bool each(std::string_view list, Read read) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t comma = std::min(list.find(',', at), list.size());
      if (!read(list.substr(at, comma - at))) return false;
      at_ += comma - at + 1;
      at = comma + 1;
    }
    return true;
  }

  bool finish() {
    const Recurrence& r = recurrence_;
    const bool by_month_or_year = r.frequency_ == Frequency::monthly || r.frequency_ == Frequency::yearly;
    if (has_positions_ && !by_month_or_year) return fail(0, "days have numbers only if FREQ is MONTHLY or YEARLY");
    if (count_ && r.until_) return fail(0, "COUNT and UNTIL exclude each other");
    const bool says_days = !r.weekdays_.empty() || !r.month_days_.empty();
    if (!r.set_positions_.empty() && !says_days && r.months_.empty())
      return fail(0, "BYSETPOS chooses among the days of BYDAY, BYMONTHDAY or BYMONTH: one of them is missing");
    const bool needs_start = r.interval_ > 1 || count_ || (r.frequency_ != Frequency::daily && !says_days);
    if (needs_start && !r.start_) return fail(0, "this recurrence needs a first day: add `from`");
    if (count_) recurrence_.count_out(count_);
    return true;
  }

  std::string_view text_;
  Recurrence& recurrence_;
  Error error_{};
  std::size_t at_ = 0;
  std::int64_t count_ = 0;
  bool has_frequency_ = false;
  bool has_positions_ = false;
};

tl::expected<Recurrence, Recurrence::Error> Recurrence::parse(std::string_view text, std::optional<sys_days> start) {
  Recurrence recurrence;
  recurrence.start_ = start;
  return Parser(text, recurrence).parse().map([&] { return std::move(recurrence); });
}

bool Recurrence::contains(sys_days day) const {
  return (!start_ || day >= *start_) && (!until_ || day <= *until_) && matches(day) && has_set_position(day);
}

sys_days Recurrence::week_of(sys_days day) const { return day - (date::weekday(day) - date::weekday(week_start_)); }

Recurrence::Period Recurrence::period_of(sys_days day) const {
  const year_month_day date(day);
  switch (frequency_) {
    case Frequency::daily: break;
    case Frequency::weekly: return {week_of(day), week_of(day) + days(6)};
    case Frequency::monthly: return {date.year() / date.month() / 1, date.year() / date.month() / date::last};
    case Frequency::yearly: return {date.year() / 1 / 1, date.year() / 12 / 31};
  }
  return {day, day};
}

bool Recurrence::has_set_position(sys_days day) const {
  if (set_positions_.empty()) return true;
  const Period period = period_of(day);
  int before = 0, after = 0;
  for (sys_days other = period.first; other < day; other += days(1)) before += matches(other) ? 1 : 0;
  for (sys_days other = period.last; other > day; other -= days(1)) after += matches(other) ? 1 : 0;
  return is_set_position(before, after);
}

bool Recurrence::is_set_position(int before, int after) const {
  return std::any_of(set_positions_.begin(), set_positions_.end(),
                     [&](int position) { return is_position(position, before, after); });
}

std::vector<sys_days> Recurrence::days_in(const Period& period) const {
  std::vector<sys_days> all;
  for (sys_days day = period.first; day <= period.last; day += days(1))
    if (matches(day)) all.push_back(day);
  if (set_positions_.empty()) return all;
  std::vector<sys_days> chosen;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (is_set_position(static_cast<int>(i), static_cast<int>(all.size() - i) - 1)) chosen.push_back(all[i]);
  return chosen;
}

bool Recurrence::matches(sys_days day) const {
  const year_month_day date(day);
  if (!months_.empty() && !rules::contains(months_, static_cast<int>(static_cast<unsigned>(date.month()))))
    return false;
  if (!in_interval(day)) return false;
  if (!matches_weekday(date, day) || !matches_month_day(date)) return false;
  if (!weekdays_.empty() || !month_days_.empty() || frequency_ == Frequency::daily) return true;
  // Without days the first one gives them.
  const year_month_day first(*start_);
  if (frequency_ == Frequency::weekly) return date::weekday(day) == date::weekday(*start_);
  if (date.day() != first.day()) return false;
  return frequency_ == Frequency::monthly || !months_.empty() || date.month() == first.month();
}

bool Recurrence::in_interval(sys_days day) const {
  if (interval_ == 1) return true;
  const year_month_day date(day);
  const year_month_day first(*start_);
  const std::int64_t years = static_cast<int>(date.year()) - static_cast<int>(first.year());
  switch (frequency_) {
    case Frequency::daily: return (day - *start_).count() % interval_ == 0;
    case Frequency::weekly: return (week_of(day) - week_of(*start_)).count() / 7 % interval_ == 0;
    case Frequency::monthly: {
      const std::int64_t months = years * 12 + static_cast<int>(static_cast<unsigned>(date.month())) -
                                  static_cast<int>(static_cast<unsigned>(first.month()));
      return months % interval_ == 0;
    }
    case Frequency::yearly: return years % interval_ == 0;
  }
  return false;
}

bool Recurrence::matches_weekday(const year_month_day& date, sys_days day) const {
  if (weekdays_.empty()) return true;
  const unsigned weekday = date::weekday(day).c_encoding();
  const bool within_year = frequency_ == Frequency::yearly && months_.empty();
  const int before = within_year ? static_cast<int>((day - sys_days(date.year() / 1 / 1)).count())
                                 : static_cast<int>(static_cast<unsigned>(date.day())) - 1;
  const int after = within_year ? static_cast<int>((sys_days(date.year() / 12 / 31) - day).count())
                                : days_in_month(date) - before - 1;
  return std::any_of(weekdays_.begin(), weekdays_.end(), [&](const Weekday& wanted) {
    return wanted.number == weekday && is_position(wanted.position, before / 7, after / 7);
  });
}

bool Recurrence::matches_month_day(const year_month_day& date) const {
  if (month_days_.empty()) return true;
  const int day = static_cast<int>(static_cast<unsigned>(date.day()));
  return rules::contains(month_days_, day) || rules::contains(month_days_, day - days_in_month(date) - 1);
}

void Recurrence::count_out(std::int64_t count) {
  constexpr days at_most{366 * 400};  // after which the calendar repeats: a rule that found nothing finds nothing
  for (sys_days at = *start_; at < *start_ + at_most;) {
    const Period period = period_of(at);
    for (sys_days day : days_in(period)) {
      if (day >= *start_ && --count == 0) {
        until_ = day;
        return;
      }
    }
    at = period.last + days(1);
  }
}

}  // namespace personalize::rules
