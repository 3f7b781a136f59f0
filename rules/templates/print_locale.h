// The language that numbers, dates and letters on a page are written in.
#pragma once

#include <unicode/locid.h>

#include <string_view>

namespace personalize::rules::templates {

/// Who speaks to whom. Tags are those of BCP 47, "de-AT"; empty where nothing is known.
struct Languages {
  std::string_view visitor;
  std::string_view page;         ///< the one that the visitor gets
  bool offered_by_shop = false;  ///< `page` is one of the shop's; else it is the language of `visitor`, and no more

  bool operator==(const Languages&) const = default;
};

/// The page's language, as it is written where the visitor is unless the shop says where: `en` for a visitor with en-GB
/// is en-GB, but `en-US` and `sr` stay what they are for visitors with en-GB and sr-Latn, and digits and calendars are
/// those of the page's language. If the shop offers none, the visitor's. One that ICU knows; English where there is
/// none.
icu::Locale print_locale(const Languages& languages);

}  // namespace personalize::rules::templates
