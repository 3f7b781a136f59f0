// What the filters between our two (hold_filter.cc, rewrite_filter.cc) do to the pages of one location: some change the
// Content-Type, some the page itself. NGINX does not tell, so it is learnt from pages that pass, for each type of its
// own.
//
// What one worker has learnt about types the others find in the zone of plans, also after a reload. It is only a guess,
// as the zone is shared and the configuration may have changed: the second filter checks every page, and a wrong guess
// costs one page that is streamed instead of spliced. Only for a encoded page it would then be too late to be handled
// by `gunzip`; so for encoded pages only what workers of the same configuration have learnt is used.
//
// What a filter does may depend on the request (`sub_filter $arg_q`, `charset $arg_c`), so that any client can make an
// odd page. What was learnt holds until several pages in a row speak against it. Where pages are streamed because some
// filter changed one, splicing is tried again after a page that looks as if nothing changed it. That shows only what a
// filter does before the body; where a try showed more (`addition`), the next one waits for more such pages, and for
// twice as many after each failure. Encoded pages are not tried again, as each failure costs a page what `gunzip` and
// later filters would have done.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "module/coding/body_codings.h"
#include "module/splicing/plan_key.h"

namespace personalize::module {

/// What becomes of pages with one Content-Type.
struct FilterEffect {
  FilterEffect() = default;
  FilterEffect(std::string_view before, const BodyCodings& codings_before, std::string_view after);

  std::string type_before;  ///< Content-Type in front of those filters …
  BodyCodings codings;      ///< … and how the body was encoded there
  std::string type_after;   ///< Content-Type behind them: `charset` adds to it
  PlanKey form;             ///< hash of what of it makes a difference to a plan
  bool changes_pages = false;
  bool hidden = false;   ///< … which did not show before the body
  bool guessed = false;  ///< this worker has not seen it

  /// A page was spliced.
  void confirm() {
    confirmed = true;
    guessed = false;
    against = failures = 0;
  }

  // For FilterEffects.
  bool confirmed = false;
  std::uint8_t against = 0;   ///< pages in a row that speak against it
  std::uint8_t failures = 0;  ///< of tries, where that was hidden
  std::uint16_t pause = 0;    ///< pages until the next try
};

class FilterEffects {
 public:
  /// When the configuration is loaded. `location` is the same after a reload, `load` differs for every load.
  void identify(const PlanKey& location, const PlanKey& load) {
    location_ = location;
    load_ = load;
  }

  /// What is known about such pages, or null. Valid until the next `learn`.
  FilterEffect* find(std::string_view type_before, const BodyCodings& codings);
  /// A page has passed. `tried`: it was to be spliced, but could not.
  void learn(FilterEffect effect, bool tried);

 private:
  PlanKey known_key(std::string_view type_before, const BodyCodings& codings) const;
  FilterEffect* seen(std::string_view type_before, const BodyCodings& codings);
  static bool holds(FilterEffect& known, const FilterEffect& effect, bool tried);
  FilterEffect& new_place();

  PlanKey location_, load_;
  std::vector<FilterEffect> effects_;
  std::size_t next_ = 0;  // to be replaced when there is no room
};

}  // namespace personalize::module
