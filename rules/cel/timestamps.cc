#include "rules/cel/timestamps.h"

#include <date/date.h>
#include <date/tz.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <limits>

namespace personalize::rules::cel {
namespace {

constexpr std::int64_t nanos_per_second = 1'000'000'000;
constexpr std::int64_t first_second = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t last_second = 253402300799;   // 9999-12-31T23:59:59Z

__extension__ using Wide = __int128;

Wide total(const Value& v) { return static_cast<Wide>(v.seconds()) * nanos_per_second + v.nanos(); }

Value timestamp_of(Wide nanos) {
  Wide seconds = nanos / nanos_per_second;
  Wide rest = nanos % nanos_per_second;
  if (rest < 0) {
    rest += nanos_per_second;
    --seconds;
  }
  if (seconds < first_second || seconds > last_second) return Value::error("timestamp is out of range");
  return Value::timestamp(static_cast<std::int64_t>(seconds), static_cast<std::int32_t>(rest));
}

Value duration_of(Wide nanos) {
  if (nanos > std::numeric_limits<std::int64_t>::max() || nanos < std::numeric_limits<std::int64_t>::min()) {
    return Value::error("duration is out of range");
  }
  return Value::duration(static_cast<std::int64_t>(nanos / nanos_per_second),
                         static_cast<std::int32_t>(nanos % nanos_per_second));
}

Value of_kind(Kind kind, Wide nanos) { return kind == Kind::timestamp ? timestamp_of(nanos) : duration_of(nanos); }

// Exactly `count` digits from `at`, which moves past them.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  for (const std::size_t end = at + count; at < end; ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool skip(std::string_view text, std::size_t& at, char c) {
  if (at >= text.size() || text[at] != c) return false;
  ++at;
  return true;
}

// "+hh:mm", "-hh:mm" or "hh:mm" to seconds.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  std::size_t at = 0;
  const bool negative = skip(text, at, '-');
  if (!negative) skip(text, at, '+');
  const auto hours = digits(text, at, 2);
  if (!hours || !skip(text, at, ':')) return std::nullopt;
  const auto minutes = digits(text, at, 2);
  if (!minutes || at != text.size() || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = (*hours * 60 + *minutes) * 60;
  return negative ? -seconds : seconds;
}

std::optional<std::int64_t> parse_fraction(std::string_view text, std::size_t& at) {
  if (!skip(text, at, '.')) return 0;
  std::int64_t nanos = 0;
  std::int64_t unit = nanos_per_second / 10;
  const std::size_t begin = at;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) nanos += (text[at] - '0') * unit;
  if (at == begin) return std::nullopt;
  return nanos;
}

// Nanoseconds of a duration's unit; its length is removed from `text`.
std::int64_t take_unit(std::string_view& text) {
  constexpr struct {
    std::string_view name;
    std::int64_t nanos;
  } units[] = {{"ns", 1},
               {"us", 1000},
               {"\xc2\xb5s", 1000},
               {"\xce\xbcs", 1000},
               {"ms", 1'000'000},
               {"s", nanos_per_second},
               {"m", 60 * nanos_per_second},
               {"h", 3600 * nanos_per_second}};
  for (const auto& unit : units) {
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return unit.nanos;
    }
  }
  return 0;
}

std::string fraction_text(std::int64_t nanos) {
  if (nanos == 0) return {};
  char text[16];
  std::snprintf(text, sizeof text, ".%09d", static_cast<int>(nanos));
  std::string result(text);
  result.erase(result.find_last_not_of('0') + 1);
  return result;
}

}  // namespace

Value add_duration(const Value& when, const Value& delta) { return of_kind(when.kind(), total(when) + total(delta)); }
Value subtract_duration(const Value& when, const Value& delta) {
  return of_kind(when.kind(), total(when) - total(delta));
}
Value subtract_timestamps(const Value& later, const Value& earlier) {
  return duration_of(total(later) - total(earlier));
}

Value make_timestamp(std::int64_t seconds, std::int64_t nanos) {
  return timestamp_of(static_cast<Wide>(seconds) * nanos_per_second + nanos);
}
Value make_duration(std::int64_t seconds, std::int64_t nanos) {
  return duration_of(static_cast<Wide>(seconds) * nanos_per_second + nanos);
}

std::optional<Value> parse_timestamp(std::string_view text) {
  std::size_t at = 0;
  const auto year = digits(text, at, 4);
  if (!year || !skip(text, at, '-')) return std::nullopt;
  const auto month = digits(text, at, 2);
  if (!month || !skip(text, at, '-')) return std::nullopt;
  const auto day = digits(text, at, 2);
  if (!day || !(skip(text, at, 'T') || skip(text, at, 't'))) return std::nullopt;
  const auto hour = digits(text, at, 2);
  if (!hour || !skip(text, at, ':')) return std::nullopt;
  const auto minute = digits(text, at, 2);
  if (!minute || !skip(text, at, ':')) return std::nullopt;
  const auto second = digits(text, at, 2);
  if (!second) return std::nullopt;
  const auto nanos = parse_fraction(text, at);
  if (!nanos || at >= text.size()) return std::nullopt;
  const std::string_view zone = text.substr(at);
  std::optional<std::int64_t> offset = 0;
  if (zone != "Z" && zone != "z") {
    if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
    offset = parse_offset(zone);
  }
  const date::year_month_day ymd = date::year(*year) / *month / *day;
  if (!offset || !ymd.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const std::int64_t days = date::sys_days(ymd).time_since_epoch().count();
  const Value result = make_timestamp(days * 86400 + *hour * 3600 + *minute * 60 + *second - *offset, *nanos);
  if (result.is(Kind::error)) return std::nullopt;
  return result;
}

std::optional<Value> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Value::duration(0, 0);
  if (text.empty()) return std::nullopt;
  Wide nanos = 0;
  while (!text.empty()) {
    // A whole part and a fraction of at most 18 digits: more cannot change a nanosecond.
    std::int64_t whole = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), whole);
    const std::size_t whole_digits = static_cast<std::size_t>(end - text.data());
    if (status == std::errc::result_out_of_range || whole < 0 || text[0] == '-') return std::nullopt;
    text.remove_prefix(whole_digits);
    std::int64_t fraction = 0;
    std::int64_t scale = 1;
    std::size_t fraction_digits = 0;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++fraction_digits) {
        if (fraction_digits >= 17) continue;
        fraction = fraction * 10 + (text[0] - '0');
        scale *= 10;
      }
    }
    if (whole_digits == 0 && fraction_digits == 0) return std::nullopt;
    const std::int64_t unit = take_unit(text);
    if (unit == 0) return std::nullopt;
    nanos += static_cast<Wide>(whole) * unit + static_cast<Wide>(fraction) * unit / scale;
    if (nanos > static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) + 1) return std::nullopt;
  }
  const Value result = duration_of(negative ? -nanos : nanos);
  if (result.is(Kind::error)) return std::nullopt;
  return result;
}

std::string format_timestamp(const Value& timestamp) {
  const date::sys_seconds moment{std::chrono::seconds(timestamp.seconds())};
  const auto day = date::floor<date::days>(moment);
  const date::year_month_day ymd(day);
  const auto time = date::make_time(moment - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text + fraction_text(timestamp.nanos()) + "Z";
}

std::string format_duration(const Value& duration) {
  const bool negative = duration.seconds() < 0 || duration.nanos() < 0;
  const std::int64_t nanos = negative ? -static_cast<std::int64_t>(duration.nanos()) : duration.nanos();
  const std::int64_t seconds = negative ? -duration.seconds() : duration.seconds();
  return (negative ? "-" : "") + std::to_string(seconds) + fraction_text(nanos) + "s";
}

std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t utc_seconds) {
  if (zone == "UTC") return 0;
  if (const auto fixed = parse_offset(zone)) return fixed;
  // Successive requests are from about the same moment, and many rules ask for the same zone.
  struct Known {
    const date::time_zone* zone = nullptr;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t offset = 0;
  };
  thread_local Known known;
  if (known.zone && known.zone->name() == zone && utc_seconds >= known.begin && utc_seconds < known.end) {
    return known.offset;
  }
  try {
    // The library's own lookup throws for names that it does not know.
    const auto& zones = date::get_tzdb().zones;
    const auto found = std::lower_bound(zones.begin(), zones.end(), zone,
                                        [](const auto& entry, std::string_view name) { return entry.name() < name; });
    if (found == zones.end() || found->name() != zone) return std::nullopt;
    const date::sys_info info = found->get_info(date::sys_seconds{std::chrono::seconds(utc_seconds)});
    known = {&*found, info.begin.time_since_epoch().count(), info.end.time_since_epoch().count(), info.offset.count()};
    return known.offset;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void read_all_zones() {
  try {
    for (const date::time_zone& zone : date::get_tzdb().zones) zone.get_info(date::sys_seconds{});
  } catch (const std::exception&) {  // damaged: reported where the zone is used
  }
}

}  // namespace personalize::rules::cel
