// What values are where they are shown without a filter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/templates/filters.h"
#include "rules/value.h"

namespace personalize::rules::templates {

/// The value's text, in `arena` or its own. Times are written for people ("22 Nov 2026, 18:00", "1 hour, 30 minutes")
/// if `locale.for_people`, else for programs ("2026-11-22T18:00:00Z", "5400s"). Nothing for what has no text: unknown
/// values, numbers that are none or infinite, bytes, maps.
std::optional<std::string_view> text_of(const Value& value, const Locale& locale, Arena& arena);

/// "2026-11-22T18:00:00Z"; nothing beyond the years 1 to 9999.
std::optional<std::string> rfc3339(const Value& timestamp);
/// "22 Nov 2026, 18:00"; missing if no calendar has it: date_filters.cc.
Value date_and_time(const Value& timestamp, const Locale& locale, Arena& arena);
/// "1 hour, 30 minutes".
Value written_duration(const Value& duration, const Locale& locale, Arena& arena);

/// Whether an attribute of that type has values whose text depends on the language.
inline bool has_times(const Type& type) {
  const auto time = [](Kind kind) { return kind == Kind::timestamp || kind == Kind::duration; };
  return time(type.kind) || time(type.element);
}

}  // namespace personalize::rules::templates
