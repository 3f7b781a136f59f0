#include "plugins/request/language_matcher.h"

#include <unicode/localematcher.h>
#include <unicode/locid.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

namespace personalize::plugins {
namespace {

/// Lists of tags beyond that are not remembered.
constexpr std::size_t max_remembered_bytes = 256;

bool same_tag(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// The language that includes this one (ISO 639-3), of those whose readers browsers tell apart.
std::string macro_language(const std::string& language) {
  static constexpr std::array<std::array<std::string_view, 2>, 7> members{
      {{"nb", "no"}, {"nn", "no"}, {"yue", "zh"}, {"wuu", "zh"}, {"hak", "zh"}, {"nan", "zh"}, {"gan", "zh"}}};
  for (const auto& [member, macro] : members)
    if (language == member) return std::string(macro);
  return language;
}

std::optional<icu::Locale> locale_of(std::string_view tag) {
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag({tag.data(), static_cast<std::int32_t>(tag.size())}, status);
  locale.canonicalize(status);
  if (U_FAILURE(status) || locale.isBogus() || *locale.getLanguage() == '\0') return std::nullopt;
  return locale;
}

}  // namespace

struct LanguageMatcher::Locales {
  std::vector<icu::Locale> locales;  // one for each that ICU understands
  std::vector<Index> offers;         // and where it is offered
  std::vector<std::string> languages;
  std::unique_ptr<icu::LocaleMatcher> matcher;
};

LanguageMatcher::LanguageMatcher(std::vector<std::string> offered) : offered_(std::move(offered)) {
  if (offered_.empty()) return;
  locales_ = std::make_unique<Locales>();
  recent_.resize(recent_size);
  for (std::size_t i = 0; i < offered_.size(); ++i) {
    auto locale = locale_of(offered_[i]);
    if (!locale) continue;
    locales_->languages.push_back(macro_language(locale->getLanguage()));
    locales_->locales.push_back(*std::move(locale));
    locales_->offers.push_back(static_cast<Index>(i));
  }
  UErrorCode status = U_ZERO_ERROR;
  icu::LocaleMatcher::Builder builder;
  builder.setSupportedLocales(locales_->locales.begin(), locales_->locales.end()).setNoDefaultLocale();
  auto matcher = std::make_unique<icu::LocaleMatcher>(builder.build(status));
  if (U_SUCCESS(status)) locales_->matcher = std::move(matcher);
}

LanguageMatcher::~LanguageMatcher() = default;
LanguageMatcher::LanguageMatcher(LanguageMatcher&&) noexcept = default;
LanguageMatcher& LanguageMatcher::operator=(LanguageMatcher&&) noexcept = default;

std::string_view LanguageMatcher::best(std::span<const std::string_view> accepted) const noexcept {
  if (offered_.empty()) return {};
  if (accepted.empty()) return offered_.front();
  try {
    if (const Index index = exactly(accepted.front()); index >= 0) return offered_[static_cast<std::size_t>(index)];
    key_.clear();
    for (std::string_view tag : accepted) (key_ += tag) += ',';
    if (key_.size() > max_remembered_bytes) return offered_[find(accepted)];
    Recent& recent = recent_[std::hash<std::string_view>{}(key_) % recent_size];
    if (recent.accepted != key_) {
      recent.index = find(accepted);
      recent.accepted = key_;
    }
    return offered_[recent.index];
  } catch (...) {  // no memory
    return offered_.front();
  }
}

std::size_t LanguageMatcher::find(std::span<const std::string_view> accepted) const {
  for (std::string_view tag : accepted)
    if (const Index index = match(tag); index >= 0) return static_cast<std::size_t>(index);
  for (std::string_view tag : accepted) {
    const auto locale = locale_of(tag);
    if (!locale) continue;
    const auto found =
        std::find(locales_->languages.begin(), locales_->languages.end(), macro_language(locale->getLanguage()));
    if (found != locales_->languages.end())
      return static_cast<std::size_t>(locales_->offers[static_cast<std::size_t>(found - locales_->languages.begin())]);
  }
  return 0;
}

LanguageMatcher::Index LanguageMatcher::exactly(std::string_view tag) const {
  for (std::size_t i = 0; i < offered_.size(); ++i)
    if (same_tag(offered_[i], tag)) return static_cast<Index>(i);
  return -1;
}

LanguageMatcher::Index LanguageMatcher::match(std::string_view tag) const {
  if (const Index index = exactly(tag); index >= 0) return index;
  const auto locale = locale_of(tag);
  if (!locale || !locales_->matcher) return -1;
  UErrorCode status = U_ZERO_ERROR;
  const icu::LocaleMatcher::Result result = locales_->matcher->getBestMatchResult(*locale, status);
  if (U_FAILURE(status) || result.getSupportedIndex() < 0) return -1;
  const auto index = static_cast<std::size_t>(result.getSupportedIndex());
  // CLDR would rather give a Catalan Spanish than what she named second: languages are never exchanged.
  if (locales_->languages[index] != macro_language(locale->getLanguage())) return -1;
  return locales_->offers[index];
}

}  // namespace personalize::plugins
