// Filters that write as the page's language does.
#include <unicode/datefmt.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <optional>
#include <utility>

#include "rules/cel/timestamps.h"
#include "rules/schedule/calendar.h"
#include "rules/templates/filters.h"
#include "rules/text/ascii.h"

namespace personalize::rules::templates {
namespace {

using icu::number::LocalizedNumberFormatter;
using icu::number::NumberFormatter;
using icu::number::Precision;
using icu::number::UnlocalizedNumberFormatter;

Value to_value(const icu::UnicodeString& text, Arena& arena) {
  std::string utf8;
  text.toUTF8String(utf8);
  return Value::string(copy(arena, utf8));
}

/// What is slow to make, by locale: the last few.
template <typename Made>
class PerLocale {
 public:
  /// Calls `use` with what `make` makes of the locale.
  template <typename Make, typename Use>
  auto with(const Languages& languages, Make make, Use use) const {
    const std::lock_guard lock(mutex_);
    auto found = std::find_if(made_.begin(), made_.end(), [&](const Entry& entry) { return entry.is_of(languages); });
    if (found == made_.end()) {
      constexpr std::size_t max_made = 16;
      if (made_.size() == max_made) made_.erase(made_.begin());
      made_.push_back({std::string(languages.visitor), std::string(languages.page), languages.offered_by_shop,
                       make(print_locale(languages))});
      found = made_.end() - 1;
    }
    return use(found->made);
  }

 private:
  struct Entry {
    std::string visitor, page;
    bool offered_by_shop;
    Made made;

    bool is_of(const Languages& languages) const { return languages == Languages{visitor, page, offered_by_shop}; }
  };
  mutable std::mutex mutex_;
  mutable std::vector<Entry> made_;
};

class Number : public Filter {
 public:
  explicit Number(UnlocalizedNumberFormatter formatter) : formatter_(std::move(formatter)) {}
  bool needs_locale() const override { return true; }

  Value apply(const Value& value, const Locale& visitor, Arena& arena) const override {
    if (!value.is(Kind::int64) && !value.is(Kind::uint64) && !value.is(Kind::real)) return value;
    const auto make = [&](const icu::Locale& locale) { return formatter_.locale(locale); };
    return localized_.with(visitor.languages, make, [&](const LocalizedNumberFormatter& formatter) {
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

struct Style {
  icu::DateFormat::EStyle date = icu::DateFormat::kNone;
  icu::DateFormat::EStyle time = icu::DateFormat::kNone;
  icu::UnicodeString skeleton;
};

class Date : public Filter {
 public:
  explicit Date(Style style) : style_(std::move(style)) {}
  bool needs_locale() const override { return true; }

  Value apply(const Value& value, const Locale& visitor, Arena& arena) const override {
    double milliseconds;
    bool whole_day = false;
    if (!moment_of(value, milliseconds, whole_day)) return value;
    const auto make = [&](const icu::Locale& locale) { return make_format(locale); };
    return formats_.with(visitor.languages, make, [&](const std::unique_ptr<icu::DateFormat>& format) {
      if (!format) return value;
      const std::string_view zone = whole_day ? std::string_view() : visitor.zone;
      format->adoptTimeZone(zone.empty() ? icu::TimeZone::getGMT()->clone()
                                         : icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(
                                               icu::StringPiece(zone.data(), static_cast<int32_t>(zone.size())))));
      icu::UnicodeString text;
      format->format(milliseconds, text);
      return to_value(text, arena);
    });
  }

 private:
  /// A timestamp, or text with a timestamp or a day.
  static bool moment_of(const Value& value, double& milliseconds, bool& whole_day) {
    constexpr double per_second = 1000, per_day = 86400 * per_second;
    Value moment = value;
    if (value.is(Kind::string)) {
      if (const auto day = parse_date(value.text())) {
        milliseconds = static_cast<double>(day->time_since_epoch().count()) * per_day;
        return whole_day = true;
      }
      const auto parsed = cel::parse_timestamp(value.text());
      if (!parsed) return false;
      moment = *parsed;
    }
    if (!moment.is(Kind::timestamp)) return false;
    milliseconds = static_cast<double>(moment.seconds()) * per_second;
    return true;
  }

  std::unique_ptr<icu::DateFormat> make_format(const icu::Locale& locale) const {
    if (style_.skeleton.isEmpty())
      return std::unique_ptr<icu::DateFormat>(
          icu::DateFormat::createDateTimeInstance(style_.date, style_.time, locale));
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::DateFormat> format(
        icu::DateFormat::createInstanceForSkeleton(style_.skeleton, locale, status));
    return U_SUCCESS(status) ? std::move(format) : nullptr;
  }

  Style style_;
  PerLocale<std::unique_ptr<icu::DateFormat>> formats_;
};

class Case : public Filter {
 public:
  enum class To { upper, lower, capitalized };
  explicit Case(To to) : to_(to) {}
  bool needs_locale() const override { return true; }

  Value apply(const Value& value, const Locale& visitor, Arena& arena) const override {
    if (!value.is(Kind::string)) return value;
    auto text =
        icu::UnicodeString::fromUTF8(icu::StringPiece(value.text().data(), static_cast<int32_t>(value.text().size())));
    const auto same = [](const icu::Locale& locale) { return locale; };
    locales_.with(visitor.languages, same, [&](const icu::Locale& locale) { change(text, locale); });
    return to_value(text, arena);
  }

 private:
  void change(icu::UnicodeString& text, const icu::Locale& locale) const {
    if (to_ == To::upper) {
      text.toUpper(locale);
    } else if (to_ == To::lower) {
      text.toLower(locale);
    } else if (!text.isEmpty()) {
      const int32_t first = text.moveIndex32(0, 1);
      text.replace(0, first, icu::UnicodeString(text, 0, first).toUpper(locale));
    }
  }

  To to_;
  PerLocale<icu::Locale> locales_;
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
  auto formatter = NumberFormatter::with();
  if (call.arguments.size() == 1) return with_decimals(std::move(formatter), call, call.arguments[0]);
  return std::make_unique<Number>(std::move(formatter));
}

MadeFilter make_percent(const FilterCall& call) {
  auto formatter = NumberFormatter::with()
                       .unit(icu::NoUnit::percent())
                       .scale(icu::number::Scale::powerOfTen(2))
                       .precision(Precision::integer());
  if (call.arguments.size() == 1) return with_decimals(std::move(formatter), call, call.arguments[0]);
  return std::make_unique<Number>(std::move(formatter));
}

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
    style.skeleton = icu::UnicodeString::fromUTF8(argument);
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

template <Case::To to>
MadeFilter make_case(const FilterCall&) {
  return std::make_unique<Case>(to);
}

constexpr std::size_t any = static_cast<std::size_t>(-1);  // which `make` judges

constexpr FilterDefinition localized[] = {
    {"capitalize", 0, 0, "", make_case<Case::To::capitalized>},
    {"date", 0, any, "", make_date},
    {"datetime", 0, any, "", make_date},
    {"lower", 0, 0, "", make_case<Case::To::lower>},
    {"money", 0, any, "", make_money},
    {"number", 0, 1, "number: 2", make_number},
    {"percent", 0, 1, "percent: 2", make_percent},
    {"time", 0, any, "", make_date},
    {"upper", 0, 0, "", make_case<Case::To::upper>},
};

}  // namespace

std::span<const FilterDefinition> localized_filters() { return localized; }

}  // namespace personalize::rules::templates
