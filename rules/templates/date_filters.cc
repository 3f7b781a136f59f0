// `date`, `time`, `datetime`: as Intl.DateTimeFormat writes them.
#include <unicode/dtptngen.h>
#include <unicode/smpdtfmt.h>

#include <algorithm>
#include <array>
#include <utility>

#include "rules/templates/filters.h"
#include "rules/templates/icu_text.h"
#include "rules/templates/moments.h"
#include "rules/templates/per_locale.h"
#include "rules/templates/text_of.h"

namespace personalize::rules::templates {
namespace {

struct Style {
  icu::DateFormat::EStyle date = icu::DateFormat::kNone;
  icu::DateFormat::EStyle time = icu::DateFormat::kNone;
  icu::UnicodeString skeleton = {};
};

class Date : public Filter {
 public:
  explicit Date(Style style) : style_(std::move(style)) {}
  bool needs_locale() const override { return true; }
  std::optional<Type> result(const Type& type) const override {
    switch (type.kind) {
      case Kind::timestamp:
      case Kind::int64:
      case Kind::uint64:
      case Kind::real: return Type{Kind::string};
      default: return type;
    }
  }

  Value apply(const Value& value, const Locale& locale, Arena& arena) const override {
    const auto moment = moment_of(value);
    if (!moment) return value;
    if (!in_calendar(*moment)) return {};
    const auto make = [&](const icu::Locale& printed) { return MomentFormat(make_format(printed)); };
    return formats_.with(locale.languages, make, [&](MomentFormat& format) {
      const auto text = format.format(*moment, locale.zone);
      return text ? to_value(*text, arena) : value;
    });
  }

 private:
  std::unique_ptr<icu::DateFormat> make_format(const icu::Locale& locale) const {
    if (style_.skeleton.isEmpty())
      return std::unique_ptr<icu::DateFormat>(
          icu::DateFormat::createDateTimeInstance(style_.date, style_.time, locale));
    UErrorCode status = U_ZERO_ERROR;
    if (style_.skeleton.indexOf(u'H') < 0 && style_.skeleton.indexOf(u'h') < 0 && style_.skeleton.indexOf(u'j') < 0) {
      std::unique_ptr<icu::DateFormat> format(
          icu::DateFormat::createInstanceForSkeleton(style_.skeleton, locale, status));
      return U_SUCCESS(status) ? std::move(format) : nullptr;
    }
    // Hours have as many digits as they have letters, as Intl has it. This takes ICU twenty times as long.
    const std::unique_ptr<icu::DateTimePatternGenerator> patterns(
        icu::DateTimePatternGenerator::createInstance(locale, status));
    if (U_FAILURE(status)) return nullptr;
    const icu::UnicodeString pattern =
        patterns->getBestPattern(style_.skeleton, UDATPG_MATCH_HOUR_FIELD_LENGTH, status);
    auto format = std::make_unique<icu::SimpleDateFormat>(pattern, locale, status);
    return U_SUCCESS(status) ? std::move(format) : nullptr;
  }

  Style style_;
  PerLocale<MomentFormat> formats_;
};

MadeFilter make_date(const FilterCall& call) {
  constexpr std::array<std::pair<std::string_view, icu::DateFormat::EStyle>, 4> styles = {
      {{"full", icu::DateFormat::kFull},
       {"long", icu::DateFormat::kLong},
       {"medium", icu::DateFormat::kMedium},
       {"short", icu::DateFormat::kShort}}};
  const std::string argument = call.arguments.empty() ? (call.name == "time" ? "short" : "medium") : call.arguments[0];
  const auto named = std::find_if(styles.begin(), styles.end(), [&](const auto& s) { return s.first == argument; });
  Style style;
  if (named != styles.end()) {
    if (call.name != "time") style.date = named->second;
    if (call.name != "date") style.time = call.name == "datetime" ? icu::DateFormat::kShort : named->second;
  } else {
    style.skeleton = to_icu(argument);
  }
  const bool skeleton = named == styles.end();
  constexpr std::size_t max_argument_size = 32;
  if (call.arguments.size() > 1 ||
      (skeleton && (argument.empty() || argument.size() > max_argument_size ||
                    argument.find_first_not_of("GyMEdjHhmsazvVQwLc") != std::string::npos))) {
    return tl::unexpected(std::string(call.name) +
                          " takes short, medium, long, full or the parts wanted, such as EEEEdMMMM");
  }
  return std::make_unique<Date>(std::move(style));
}

constexpr FilterDefinition definitions_of_dates[] = {
    {"date", 0, judged_by_make, "", make_date},
    {"datetime", 0, judged_by_make, "", make_date},
    {"time", 0, judged_by_make, "", make_date},
};

}  // namespace

std::span<const FilterDefinition> date_filters() { return definitions_of_dates; }

Value date_and_time(const Value& timestamp, const Locale& locale, Arena& arena) {
  static const Date filter(Style{icu::DateFormat::kMedium, icu::DateFormat::kShort});
  return filter.apply(timestamp, locale, arena);
}

}  // namespace personalize::rules::templates
