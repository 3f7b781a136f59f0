#include "plugins/profile/timestamp.h"

#include <date/date.h>

#include <cstddef>

#include "rules/text/ascii.h"

namespace personalize::plugins {
namespace {

constexpr std::int64_t max_seconds = 315'576'000'000;
constexpr std::int64_t first_second = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::int32_t second_ns = 1'000'000'000;

using rules::text::is_ascii_digit;

/// Takes what it reads off the front of `text`.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly `count` digits.
  bool digits(std::size_t count, int& number) {
    if (rest_.size() < count) return false;
    number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_ascii_digit(rest_[i])) return false;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }
  /// One to twelve digits.
  bool digits(std::int64_t& number) {
    std::size_t n = 0;
    for (number = 0; n < rest_.size() && is_ascii_digit(rest_[n]); ++n) {
      if (n == 12) return false;
      number = number * 10 + (rest_[n] - '0');
    }
    rest_.remove_prefix(n);
    return n > 0;
  }
  /// "." and one to nine digits, or nothing.
  bool fraction(std::int32_t& nanos) {
    nanos = 0;
    if (!take('.')) return true;
    std::size_t n = 0;
    for (std::int32_t unit = second_ns / 10; n < rest_.size() && is_ascii_digit(rest_[n]); ++n, unit /= 10) {
      if (n == 9) return false;
      nanos += (rest_[n] - '0') * unit;
    }
    rest_.remove_prefix(n);
    return n > 0;
  }

 private:
  std::string_view rest_;
};

std::optional<Moment> parse_date_time(std::string_view text) {
  Scanner scan(text);
  int year, month, day, hour, minute, second;
  std::int32_t nanos;
  if (!scan.digits(4, year) || !scan.take('-') || !scan.digits(2, month) || !scan.take('-') || !scan.digits(2, day) ||
      !scan.take_any("Tt ") || !scan.digits(2, hour) || !scan.take(':') || !scan.digits(2, minute) || !scan.take(':') ||
      !scan.digits(2, second) || !scan.fraction(nanos))
    return std::nullopt;
  std::int64_t offset = 0;
  if (!scan.take_any("Zz")) {
    const bool west = scan.take('-');
    int hours, minutes;
    if ((!west && !scan.take('+')) || !scan.digits(2, hours) || !scan.take(':') || !scan.digits(2, minutes) ||
        hours > 23 || minutes > 59)
      return std::nullopt;
    offset = (hours * 60 + minutes) * (west ? -60 : 60);
  }
  const date::year_month_day calendar{date::year(year), date::month(static_cast<unsigned>(month)),
                                      date::day(static_cast<unsigned>(day))};
  if (!scan.done() || !calendar.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = date::sys_days(calendar).time_since_epoch().count();
  return Moment{days * 86400 + hour * 3600 + minute * 60 + second - offset, nanos};
}

}  // namespace

std::optional<Moment> parse_timestamp(std::string_view text) {
  std::optional<Moment> moment = parse_date_time(text);
  if (!moment) {
    moment = parse_seconds(text);
    if (moment && moment->nanos < 0) moment = {moment->seconds - 1, moment->nanos + second_ns};
  }
  if (!moment || moment->seconds < first_second || moment->seconds > last_second) return std::nullopt;
  return moment;
}

std::optional<Moment> parse_seconds(std::string_view text) {
  Scanner scan(text);
  const bool negative = scan.take('-');
  Moment moment;
  if (!scan.digits(moment.seconds) || !scan.fraction(moment.nanos) || !scan.done() || moment.seconds > max_seconds)
    return std::nullopt;
  if (negative) moment = {-moment.seconds, -moment.nanos};
  return moment;
}

}  // namespace personalize::plugins
