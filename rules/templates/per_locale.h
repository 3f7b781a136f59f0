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

/// Something by locale: the last few.
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

}  // namespace personalize::rules::templates
