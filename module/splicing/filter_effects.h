// What the filters between our two (hold_filter.cc, rewrite_filter.cc) do to the pages of one location: some change the
// Content-Type, some the page itself. NGINX does not tell us, so it is learnt from pages that pass, for each type
// separately.
//
// What one worker has learnt about types is shared with the others in the zone of plans, also across reloads. To them
// it is only a guess, as the configuration may have changed: the second filter checks every page, and a wrong guess
// costs one page that is streamed instead of spliced. For an encoded page it would then be too late for `gunzip`, so
// for encoded pages only what workers of the same configuration have learnt is used.
//
// What a filter does may depend on the request (`sub_filter $arg_q`, `charset $arg_c`), so any client can cause an
// unusual page. What was learnt is kept until several pages in a row contradict it. Where pages are streamed because
// some filter changed one, splicing is tried again after a page that looks as if nothing had changed it. That only
// shows what a filter does before the body; where a try revealed more (`addition`), the next one waits for more such
// pages, and for twice as many after each failure. Splicing encoded pages is not tried again, as each failure costs a
// page what `gunzip` and later filters would have done.
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

  std::string type_before;  ///< Content-Type before those filters …
  BodyCodings codings;      ///< … and how the body was encoded there
  std::string type_after;   ///< Content-Type after them: `charset` adds to it
  PlanKey form;             ///< hash of the parts of it that matter to a plan
  bool changes_pages = false;
  bool hidden = false;   ///< … which only showed in the body
  bool guessed = false;  ///< not seen by this worker yet

  /// A page was spliced.
  void confirm() {
    confirmed = true;
    guessed = false;
    against = failures = 0;
  }

  // For FilterEffects.
  bool confirmed = false;
  std::uint8_t against = 0;   ///< pages in a row that contradict it
  std::uint8_t failures = 0;  ///< of tries, where that was hidden
  std::uint16_t pause = 0;    ///< pages until the next try
};

class FilterEffects {
 public:
  /// To be called when the configuration is loaded. `location` is the same after a reload, `load` is not.
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
