// Durations as people write them.
#include <unicode/measfmt.h>
#include <unicode/measunit.h>
#include <unicode/measure.h>

#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "rules/templates/icu_text.h"
#include "rules/templates/per_locale.h"
#include "rules/templates/text_of.h"

namespace personalize::rules::templates {
namespace {

/// Of days, hours, minutes, seconds those that are not 0. The first has the sign, as Intl.DurationFormat has it.
std::vector<icu::Measure> measures_of(const Value& duration) {
  constexpr std::array<std::int64_t, 3> sizes = {86400, 3600, 60};
  using Make = icu::MeasureUnit* (*)(UErrorCode&);
  constexpr std::array<Make, 4> units = {icu::MeasureUnit::createDay, icu::MeasureUnit::createHour,
                                         icu::MeasureUnit::createMinute, icu::MeasureUnit::createSecond};
  std::vector<icu::Measure> measures;
  bool negative = duration.seconds() < 0 || duration.nanos() < 0;
  const auto add = [&](std::size_t unit, double count) {
    if (count == 0 && (unit + 1 < units.size() || !measures.empty())) return;
    UErrorCode status = U_ZERO_ERROR;
    measures.emplace_back(icu::Formattable(negative && count != 0 ? -count : count), units[unit](status), status);
    negative = false;
  };
  // Not negated as a whole: there is one more negative second than positive ones.
  std::int64_t rest = duration.seconds();
  for (std::size_t unit = 0; unit < sizes.size(); ++unit) {
    const std::int64_t count = rest / sizes[unit];
    add(unit, std::abs(static_cast<double>(count)));
    rest %= sizes[unit];
  }
  // Fractions of seconds matter if there is nothing else.
  const double fraction = measures.empty() ? duration.nanos() / 1e9 : 0;
  add(units.size() - 1, std::abs(static_cast<double>(rest) + fraction));
  return measures;
}

}  // namespace

Value written_duration(const Value& duration, const Locale& locale, Arena& arena) {
  static const PerLocale<std::unique_ptr<const icu::MeasureFormat>> formats;
  const auto make = [](const icu::Locale& printed) {
    UErrorCode status = U_ZERO_ERROR;
    auto format = std::make_unique<const icu::MeasureFormat>(printed, UMEASFMT_WIDTH_WIDE, status);
    return U_SUCCESS(status) ? std::move(format) : nullptr;
  };
  return formats.with(locale.languages, make, [&](const std::unique_ptr<const icu::MeasureFormat>& format) -> Value {
    if (!format) return {};
    const std::vector<icu::Measure> measures = measures_of(duration);
    UErrorCode status = U_ZERO_ERROR;
    icu::FieldPosition position;
    icu::UnicodeString text;
    format->formatMeasures(measures.data(), static_cast<std::int32_t>(measures.size()), text, position, status);
    return U_SUCCESS(status) ? to_value(text, arena) : Value();
  });
}

}  // namespace personalize::rules::templates
