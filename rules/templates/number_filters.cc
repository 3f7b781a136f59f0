// `number`, `percent`, `money`: as Intl.NumberFormat writes them.
#include <unicode/numberformatter.h>

#include <algorithm>
#include <utility>

#include "rules/templates/filters.h"
#include "rules/templates/icu_text.h"
#include "rules/templates/per_locale.h"
#include "rules/text/ascii.h"

namespace personalize::rules::templates {
namespace {

using icu::number::LocalizedNumberFormatter;
using icu::number::NumberFormatter;
using icu::number::Precision;
using icu::number::UnlocalizedNumberFormatter;

class Number : public Filter {
 public:
  /// ICU's own rounding is that of banks: to even.
  explicit Number(UnlocalizedNumberFormatter formatter)
      : formatter_(std::move(formatter).roundingMode(UNUM_ROUND_HALFUP)) {}
  bool needs_locale() const override { return true; }
  std::optional<Type> result(const Type& type) const override {
    const bool number = type.kind == Kind::int64 || type.kind == Kind::uint64 || type.kind == Kind::real;
    return number ? Type{Kind::string} : type;
  }

  Value apply(const Value& value, const Locale& locale, Arena& arena) const override {
    if (!value.is(Kind::int64) && !value.is(Kind::uint64) && !value.is(Kind::real)) return value;
    const auto make = [&](const icu::Locale& printed) { return formatter_.locale(printed); };
    return localized_.with(locale.languages, make, [&](const LocalizedNumberFormatter& formatter) {
      UErrorCode status = U_ZERO_ERROR;
      const auto formatted = format(formatter, value, status);
      return U_SUCCESS(status) ? to_value(formatted.toString(status), arena) : value;
    });
  }

 private:
  static icu::number::FormattedNumber format(const LocalizedNumberFormatter& formatter, const Value& value,
                                             UErrorCode& status) {
    if (value.is(Kind::int64)) return formatter.formatInt(value.as_int64(), status);
    if (value.is(Kind::real)) return formatter.formatDouble(value.as_real(), status);
    return formatter.formatDecimal(std::to_string(value.as_uint64()), status);
  }

  UnlocalizedNumberFormatter formatter_;
  PerLocale<LocalizedNumberFormatter> localized_;
};

/// A formatter with that many digits after the decimal point.
MadeFilter with_decimals(UnlocalizedNumberFormatter formatter, const FilterCall& call, const std::string& decimals) {
  if (decimals.size() != 1 || !text::is_ascii_digit(decimals[0]))
    return tl::unexpected(std::string("the number of decimals of `" + std::string(call.name) + "` must be 0 to 9"));
  return std::make_unique<Number>(std::move(formatter).precision(Precision::fixedFraction(decimals[0] - '0')));
}

MadeFilter make_money(const FilterCall& call) {
  const bool has_code =
      !call.arguments.empty() && call.arguments.size() <= 2 && call.arguments[0].size() == 3 &&
      std::all_of(call.arguments[0].begin(), call.arguments[0].end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!has_code) return tl::unexpected(std::string("money needs a currency: money: \"EUR\""));
  UErrorCode status = U_ZERO_ERROR;
  const icu::CurrencyUnit currency(icu::StringPiece(call.arguments[0]), status);
  auto formatter = NumberFormatter::with().unit(currency);
  if (call.arguments.size() == 2) return with_decimals(std::move(formatter), call, call.arguments[1]);
  return std::make_unique<Number>(std::move(formatter));
}

MadeFilter make_number(const FilterCall& call) {
  constexpr int most_decimals = 3;
  auto formatter = NumberFormatter::with();
  if (call.arguments.size() == 1) return with_decimals(std::move(formatter), call, call.arguments[0]);
  return std::make_unique<Number>(std::move(formatter).precision(Precision::maxFraction(most_decimals)));
}

MadeFilter make_percent(const FilterCall& call) {
  auto formatter = NumberFormatter::with()
                       .unit(icu::NoUnit::percent())
                       .scale(icu::number::Scale::powerOfTen(2))
                       .precision(Precision::integer());
  if (call.arguments.size() == 1) return with_decimals(std::move(formatter), call, call.arguments[0]);
  return std::make_unique<Number>(std::move(formatter));
}

constexpr FilterDefinition definitions_of_numbers[] = {
    {"money", 0, judged_by_make, "", make_money},
    {"number", 0, 1, "number: 2", make_number},
    {"percent", 0, 1, "percent: 2", make_percent},
};

}  // namespace

std::span<const FilterDefinition> number_filters() { return definitions_of_numbers; }

}  // namespace personalize::rules::templates
