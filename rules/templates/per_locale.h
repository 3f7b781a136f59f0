// What ICU needs long to make.
#pragma once

#include <unicode/locid.h>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "rules/templates/print_locale.h"

namespace personalize::rules::templates {

/// Something by locale: the last few. Tags that visitors make up do not displace it: they come to few locales.
template <typename Made>
class PerLocale {
 public:
  /// Calls `use` with what `make` makes of the locale.
  template <typename Make, typename Use>
  auto with(const Languages& languages, Make make, Use use) const {
    const std::lock_guard lock(mutex_);
    return use(find(name_of(languages), make));
  }

 private:
  struct Known {
    std::string visitor, page;
    bool offered_by_shop;
    std::string locale;  // ICU's name

    bool is_of(const Languages& languages) const { return languages == Languages{visitor, page, offered_by_shop}; }
  };
  struct Entry {
    std::string locale;
    Made made;
  };

  const std::string& name_of(const Languages& languages) const {
    const auto known =
        std::find_if(known_.begin(), known_.end(), [&](const Known& one) { return one.is_of(languages); });
    if (known != known_.end()) return known->locale;
    constexpr std::size_t max_known = 32;
    if (known_.size() == max_known) known_.erase(known_.begin());
    known_.push_back({std::string(languages.visitor), std::string(languages.page), languages.offered_by_shop,
                      print_locale(languages).getName()});
    return known_.back().locale;
  }

  template <typename Make>
  Made& find(const std::string& locale, Make make) const {
    const auto made = std::find_if(made_.begin(), made_.end(), [&](const Entry& one) { return one.locale == locale; });
    if (made != made_.end()) return made->made;
    constexpr std::size_t max_made = 16;
    if (made_.size() == max_made) made_.erase(made_.begin());
    made_.push_back({locale, make(icu::Locale(locale.c_str()))});
    return made_.back().made;
  }

  mutable std::mutex mutex_;
  mutable std::vector<Known> known_;
  mutable std::vector<Entry> made_;
};

}  // namespace personalize::rules::templates
