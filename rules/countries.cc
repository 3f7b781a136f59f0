#include "rules/countries.h"

#include <unicode/uloc.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "rules/spelling.h"
#include "rules/text/ascii.h"

namespace personalize::rules {
namespace {

/// What databases say besides: Kosovo, and what is no country.
constexpr std::array<std::string_view, 8> other_codes = {"XK", "EU", "AP", "AN", "A1", "A2", "O1", "T1"};

constexpr std::pair<std::string_view, std::string_view> other_names[] = {
    {"UK", "GB"},      {"GREAT BRITAIN", "GB"}, {"BRITAIN", "GB"},
    {"ENGLAND", "GB"}, {"SCOTLAND", "GB"},      {"WALES", "GB"},
    {"EN", "GB"},      {"AMERICA", "US"},       {"HOLLAND", "NL"},
    {"EL", "GR"},      {"EIRE", "IE"},          {"CZECH REPUBLIC", "CZ"},
};

std::string ascii_upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return upper;
}

const std::vector<std::string_view>& iso_codes() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> codes;
    for (const char* const* code = uloc_getISOCountries(); *code != nullptr; ++code) codes.emplace_back(*code);
    return codes;
  }();
  return all;
}

/// The country's name in a language.
std::string name_in(const std::string& locale, const char* language) {
  std::array<UChar, 128> name;
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t size = uloc_getDisplayCountry(locale.c_str(), language, name.data(), name.size(), &status);
  std::string text;
  if (U_SUCCESS(status) && size > 0) icu::UnicodeString(name.data(), size).toUTF8String(text);
  return text;
}

/// "de_Latn_DE" for "und_DE": its largest language comes first.
std::string likely_locale(const std::string& locale) {
  std::array<char, ULOC_FULLNAME_CAPACITY> likely;
  UErrorCode status = U_ZERO_ERROR;
  uloc_addLikelySubtags(locale.c_str(), likely.data(), likely.size(), &status);
  return U_SUCCESS(status) ? likely.data() : locale;
}

}  // namespace

bool is_country(std::string_view code) {
  return std::ranges::find(iso_codes(), code) != iso_codes().end() ||
         std::ranges::find(other_codes, code) != other_codes.end();
}

std::string country_meant(std::string_view text) {
  std::string upper = ascii_upper(text::trim(text));
  if (is_country(upper)) return upper;
  for (const auto& [name, code] : other_names)
    if (upper == name) return std::string(code);
  std::vector<std::pair<std::string, std::string_view>> names;
  for (std::string_view code : iso_codes()) {
    const std::string locale = "und_" + std::string(code);
    if (upper == uloc_getISO3Country(locale.c_str())) return std::string(code);
    names.emplace_back(ascii_upper(name_in(locale, "en")), code);
    names.emplace_back(ascii_upper(name_in(locale, likely_locale(locale).c_str())), code);
  }
  const auto code_of = [&](std::string_view name) {
    const auto found = std::ranges::find(names, name, &std::pair<std::string, std::string_view>::first);
    return found != names.end() ? std::string(found->second) : std::string();
  };
  if (std::string code = code_of(upper); !code.empty()) return code;
  if (upper.size() <= 3) return {};  // too short for a misspelled name
  Nearest nearest(upper);
  for (const auto& [name, code] : names) nearest.consider(name);
  return nearest.result().empty() ? std::string() : code_of(nearest.result());
}

}  // namespace personalize::rules
