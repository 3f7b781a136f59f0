#include "rules/templates/text_of.h"

#include <charconv>
#include <cmath>
#include <string>

#include "rules/cel/timestamps.h"

namespace personalize::rules::templates {
namespace {

template <typename Number>
std::string_view digits_of(Number number, Arena& arena) {
  char buffer[32];
  const char* end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return copy(arena, {buffer, static_cast<std::size_t>(end - buffer)});
}

std::optional<std::string_view> string_or_nothing(const Value& value) {
  return value.is(Kind::string) ? std::optional(value.text()) : std::nullopt;
}

/// "a, b, c".
std::optional<std::string_view> text_of_list(std::span<const Value> items, const Locale& locale, Arena& arena) {
  std::string all;
  bool any = false;
  for (const Value& item : items) {
    const auto text = item.is(Kind::list) ? std::nullopt : text_of(item, locale, arena);
    if (!text) continue;
    if (any) all += ", ";
    all += *text;
    any = true;
  }
  return any ? std::optional(copy(arena, all)) : std::nullopt;
}

}  // namespace

std::optional<std::string> rfc3339(const Value& timestamp) {
  const bool in_range = cel::make_timestamp(timestamp.seconds(), timestamp.nanos()).is(Kind::timestamp);
  return in_range ? std::optional(cel::format_timestamp(timestamp)) : std::nullopt;
}

std::optional<std::string_view> text_of(const Value& value, const Locale& locale, Arena& arena) {
  switch (value.kind()) {
    case Kind::string: return value.text();
    case Kind::boolean: return value.as_bool() ? "true" : "false";
    case Kind::int64: return digits_of(value.as_int64(), arena);
    case Kind::uint64: return digits_of(value.as_uint64(), arena);
    case Kind::real:
      if (!std::isfinite(value.as_real())) return std::nullopt;
      return digits_of(value.as_real(), arena);
    case Kind::timestamp:
      if (locale.for_people) return string_or_nothing(date_and_time(value, locale, arena));
      if (const auto text = rfc3339(value)) return copy(arena, *text);
      return std::nullopt;
    case Kind::duration:
      if (locale.for_people) return string_or_nothing(written_duration(value, locale, arena));
      return copy(arena, cel::format_duration(value));
    case Kind::list: return text_of_list(value.as_list(), locale, arena);
    case Kind::optional: return value.as_optional() ? text_of(*value.as_optional(), locale, arena) : std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace personalize::rules::templates
