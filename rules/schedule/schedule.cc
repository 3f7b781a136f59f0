#include "rules/schedule/schedule.h"

#include <algorithm>

#include "rules/cel/timestamps.h"

namespace personalize::rules {
namespace {

constexpr std::int64_t seconds_per_day = 86400;

LocalTime to_local(std::int64_t utc_seconds, std::int64_t offset) {
  LocalTime local;
  local.seconds = utc_seconds + offset;
  local.day = date::floor<date::days>(date::sys_seconds(std::chrono::seconds(local.seconds)));
  local.minute = static_cast<int>((local.seconds - local.day.time_since_epoch().count() * seconds_per_day) / 60);
  return local;
}

bool any_contains(const std::vector<Dates>& list, date::sys_days day) {
  return std::any_of(list.begin(), list.end(), [&](const Dates& dates) { return dates.contains(day); });
}

}  // namespace

Clock::Clock(std::int64_t now_us, std::array<std::string_view, 2> visitor_zones, std::span<const std::string> zones,
             std::pmr::memory_resource& memory)
    : now_seconds_(std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds(now_us)).count()),
      visitor_zones_(visitor_zones),
      zones_(zones),
      known_(&memory) {}

const LocalTime& Clock::local(bool visitor, std::uint32_t zone) const {
  if (known_.empty()) known_.resize(zones_.size() + 1);
  if (visitor && !visitor_unknown_) {
    std::optional<LocalTime>& known = known_.back();
    if (known) return *known;
    for (std::string_view name : visitor_zones_)
      if (const auto offset = name.empty() ? std::nullopt : cel::zone_offset(name, now_seconds_))
        return known.emplace(to_local(now_seconds_, *offset));
    visitor_unknown_ = true;
  }
  std::optional<LocalTime>& known = known_[zone];
  if (!known) known = to_local(now_seconds_, cel::zone_offset(zones_[zone], now_seconds_).value_or(0));
  return *known;
}

std::optional<Bound> Bound::parse(std::string_view text) {
  Bound bound;
  if (text.size() < 10) return std::nullopt;
  const auto day = parse_date(text.substr(0, 10));
  if (!day) return std::nullopt;
  bound.day = *day;
  bound.kind = Kind::day;
  if (text.size() == 10) return bound;
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ')) return std::nullopt;
  const auto minute = parse_time(text.substr(11, 5));
  if (!minute) return std::nullopt;
  std::string_view rest = text.substr(16);
  std::int64_t seconds = 0;
  if (rest.size() >= 3 && rest[0] == ':') {
    if (rest[1] < '0' || rest[1] > '5' || rest[2] < '0' || rest[2] > '9') return std::nullopt;
    seconds = (rest[1] - '0') * 10 + (rest[2] - '0');
    rest.remove_prefix(3);
  }
  bound.kind = rest.empty() ? Kind::local : Kind::moment;
  bound.seconds = day->time_since_epoch().count() * seconds_per_day + *minute * 60 + seconds;
  if (rest.empty() || rest == "Z") return bound;
  const auto offset = rest[0] == '+' || rest[0] == '-' ? cel::zone_offset(rest, 0) : std::nullopt;
  if (!offset) return std::nullopt;
  bound.seconds -= *offset;
  return bound;
}

const char* Schedule::refuse_day(date::sys_days day) const {
  if (from.kind == Bound::Kind::day && day < from.day) return "it has not begun";
  if (until.kind == Bound::Kind::day && day > until.day) return "it is over";
  if (weekdays && !(weekdays >> date::weekday(day).c_encoding() & 1)) return "not on this day of the week";
  if (repeat && !repeat->contains(day)) return "not a day on which it repeats";
  if (restricts_days && !any_contains(only, day)) return "not one of its days";
  if (any_contains(except, day)) return "one of the days that are excepted";
  return nullptr;
}

const char* Schedule::refuse(const Clock& clock) const {
  const LocalTime& now = clock.local(visitor, zone);
  const auto seconds = [&](const Bound& bound) {
    return bound.kind == Bound::Kind::moment ? clock.now_seconds() : now.seconds;
  };
  if (from.kind > Bound::Kind::day && seconds(from) < from.seconds) return "it has not begun";
  if (until.kind > Bound::Kind::day && seconds(until) >= until.seconds) return "it is over";
  if (hours.empty()) return refuse_day(now.day);
  const char* refusal = "not at this hour";
  for (const Hours& range : hours) {
    const bool over_midnight = range.end < range.begin;
    const char* day_refusal = nullptr;
    if (now.minute >= range.begin && (over_midnight || now.minute < range.end)) {
      day_refusal = refuse_day(now.day);
    } else if (over_midnight && now.minute < range.end) {
      day_refusal = refuse_day(now.day - date::days(1));
    } else {
      continue;
    }
    if (!day_refusal) return nullptr;
    refusal = day_refusal;
  }
  return refusal;
}

bool Schedule::active(const Clock& clock) const { return refuse(clock) == nullptr; }

std::string Schedule::explain(const Clock& clock) const {
  const char* refusal = refuse(clock);
  if (!refusal) return {};
  const LocalTime& now = clock.local(visitor, zone);
  return std::string(refusal) + ": it is " + date::format("%A, %F", now.day) + ", " +
         date::format("%H:%M", date::sys_seconds(std::chrono::seconds(now.seconds))) + " there";
}

bool Schedule::over(const Clock& clock) const {
  // The last day's night may still be going on, and it may be a day earlier where the visitor is.
  const date::days margin{(visitor ? 2 : 0) + (hours.empty() ? 0 : 1)};
  const LocalTime& now = clock.local(false, zone);
  const date::sys_days today = now.day - margin;
  if (until.kind == Bound::Kind::day && until.day < today) return true;
  if (until.kind == Bound::Kind::moment && until.seconds <= clock.now_seconds()) return true;
  if (until.kind == Bound::Kind::local && until.seconds + (visitor ? 2 * seconds_per_day : 0) <= now.seconds)
    return true;
  if (repeat && repeat->last() && *repeat->last() < today) return true;
  const auto past = [&](const Dates& dates) { return !dates.yearly && dates.last < today; };
  return restricts_days && std::all_of(only.begin(), only.end(), past);
}

bool Schedule::never() const {
  constexpr date::days calendar{146'097};  // 400 years, after which weekdays and dates fall together again
  if (!repeat && !restricts_days && except.empty() && !weekdays) return false;
  using namespace date::literals;
  // Bounds are days and moments in whatever zone: a day more on both sides does no harm.
  const date::sys_days first =
      from.kind == Bound::Kind::none ? date::sys_days(1970_y / 1 / 1) : from.day - date::days(1);
  date::sys_days last = date::sys_days::max();
  if (until.kind != Bound::Kind::none) last = until.day + date::days(1);
  if (repeat && repeat->last()) last = std::min(last, *repeat->last());
  if (repeat && !repeat->every() && last > first + calendar) return false;
  last = std::min(last, first + calendar);
  for (date::sys_days day = first; day <= last; day += date::days(1))
    if (!refuse_day(day)) return false;
  return true;
}

}  // namespace personalize::rules
