// `upper`, `lower`, `capitalize`.
#include "rules/templates/filters.h"
#include "rules/templates/icu_text.h"
#include "rules/templates/per_locale.h"

namespace personalize::rules::templates {
namespace {

class Case : public Filter {
 public:
  enum class To { upper, lower, capitalized };
  explicit Case(To to) : to_(to) {}
  bool needs_locale() const override { return true; }

  Value apply(const Value& value, const Locale& locale, Arena& arena) const override {
    if (!value.is(Kind::string)) return value;
    icu::UnicodeString text = to_icu(value.text());
    const auto same = [](const icu::Locale& printed) { return printed; };
    locales_.with(locale.languages, same, [&](const icu::Locale& printed) { change(text, printed); });
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

template <Case::To to>
MadeFilter make_case(const FilterCall&) {
  return std::make_unique<Case>(to);
}

constexpr FilterDefinition definitions_of_letters[] = {
    {"capitalize", 0, 0, "", make_case<Case::To::capitalized>},
    {"lower", 0, 0, "", make_case<Case::To::lower>},
    {"upper", 0, 0, "", make_case<Case::To::upper>},
};

}  // namespace

std::span<const FilterDefinition> letter_filters() { return definitions_of_letters; }

}  // namespace personalize::rules::templates
