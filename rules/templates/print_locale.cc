#include "rules/templates/print_locale.h"

#include <unicode/localebuilder.h>
#include <unicode/uloc.h>

#include <cstring>
#include <optional>
#include <set>
#include <string>

namespace personalize::rules::templates {
namespace {

/// Names of ICU's locales, "de_AT", "zh_TW".
const std::set<std::string, std::less<>>& available_locales() {
  static const std::set<std::string, std::less<>> names = [] {
    std::set<std::string, std::less<>> found;
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration* all = uloc_openAvailableByType(ULOC_AVAILABLE_WITH_LEGACY_ALIASES, &status);
    if (U_FAILURE(status)) return found;
    while (const char* name = uenum_next(all, nullptr, &status)) found.insert(name);
    uenum_close(all);
    return found;
  }();
  return names;
}

std::optional<icu::Locale> parse_tag(std::string_view tag) {
  constexpr std::size_t max_tag_size = 35;
  if (tag.empty() || tag.size() > max_tag_size) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag({tag.data(), static_cast<std::int32_t>(tag.size())}, status);
  if (U_FAILURE(status) || locale.isBogus() || *locale.getLanguage() == '\0') return std::nullopt;
  return locale;
}

/// Without what ICU knows nothing of (ECMA-402, BestAvailableLocale): ICU takes the calendar of en-TH from Thailand,
/// although it has English for other countries only.
std::optional<icu::Locale> nearest_available(const icu::Locale& locale) {
  std::string name = locale.getBaseName();
  while (!available_locales().contains(name)) {
    const std::size_t end = name.rfind('_');
    if (end == std::string::npos) return std::nullopt;
    name.erase(end);
  }
  if (name == locale.getBaseName()) return locale;
  if (const char* keywords = std::strchr(locale.getName(), '@')) name += keywords;
  return icu::Locale(name.c_str());
}

bool same_script(icu::Locale a, icu::Locale b) {
  UErrorCode status = U_ZERO_ERROR;
  a.addLikelySubtags(status);
  b.addLikelySubtags(status);
  return U_SUCCESS(status) && std::strcmp(a.getLanguage(), b.getLanguage()) == 0 &&
         std::strcmp(a.getScript(), b.getScript()) == 0;
}

/// `page` in the visitor's country, if it is written there.
icu::Locale where_visitor_is(const icu::Locale& page, const icu::Locale& visitor) {
  if (*page.getCountry() != '\0' || *visitor.getCountry() == '\0' || !same_script(page, visitor)) return page;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Locale there = icu::LocaleBuilder().setLocale(page).setRegion(visitor.getCountry()).build(status);
  if (U_FAILURE(status)) return page;
  const auto available = nearest_available(there);
  return available && std::strcmp(available->getCountry(), visitor.getCountry()) == 0 ? *available : page;
}

bool is_language_of(std::string_view language, std::string_view tag) {
  return tag.starts_with(language) && (tag.size() == language.size() || tag[language.size()] == '-');
}

}  // namespace

icu::Locale print_locale(const Languages& languages) {
  const auto visitor = parse_tag(languages.visitor), page = parse_tag(languages.page);
  const bool visitors_own = !languages.offered_by_shop && is_language_of(languages.page, languages.visitor);
  std::optional<icu::Locale> locale = !page || visitors_own ? visitor : page;
  if (locale && !visitors_own && visitor) locale = where_visitor_is(*locale, *visitor);
  if (locale) locale = nearest_available(*locale);
  return locale.value_or(icu::Locale::getEnglish());
}

}  // namespace personalize::rules::templates
