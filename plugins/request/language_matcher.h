// Which of the shop's languages suits a visitor best.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace personalize::plugins {

/// Compares languages as ICU's `LocaleMatcher` does, with CLDR's data: by language, script and region of tags filled in
/// with their likely subtags ("zh-TW" is "zh-Hant-TW"), old and new codes alike ("iw" is "he"), and by macro-language
/// ("nb" and "nn" are "no").
class LanguageMatcher {
 public:
  /// `offered`: the shop's languages (BCP 47), preferred first.
  explicit LanguageMatcher(std::vector<std::string> offered);
  ~LanguageMatcher();
  LanguageMatcher(LanguageMatcher&&) noexcept;
  LanguageMatcher& operator=(LanguageMatcher&&) noexcept;

  bool empty() const { return offered_.empty(); }

  /// The offered language for the first of `accepted` (the visitor's, preferred first) that is offered in a script its
  /// readers read, in the nearest variant; failing all of them the first that is offered at all; else the first of the
  /// shop's. Empty if the shop has none. Never throws; for one thread.
  std::string_view best(std::span<const std::string_view> accepted) const noexcept;

 private:
  struct Locales;
  using Index = std::int16_t;  ///< into offered_; -1 is none

  Index match(std::string_view tag) const;
  Index exactly(std::string_view tag) const;
  std::size_t find(std::span<const std::string_view> accepted) const;

  std::vector<std::string> offered_;
  std::unique_ptr<Locales> locales_;  ///< null if nothing is offered
  /// What was found lately, by the visitor's languages: visitors share a few hundred such lists.
  struct Recent {
    std::string accepted;
    std::size_t index = 0;
  };
  static constexpr std::size_t recent_size = 256;
  mutable std::vector<Recent> recent_;
  mutable std::string key_;
};

}  // namespace personalize::plugins
