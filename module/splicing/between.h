// What the filters between our two (hold_filter.cc, rewrite_filter.cc) do to the pages of one location: some change the
// Content-Type, some the page itself. NGINX does not tell, so it is learnt from pages that pass, for each type of its
// own.
//
// What one worker has learnt about types the others find in the zone of plans, also after a reload. It is only a guess,
// as the zone is shared and the configuration may have changed: the second filter checks every page, and a wrong guess
// costs one page that is streamed instead of spliced. Only for an encoded page it would then be too late to be handled
// by `gunzip`; so for encoded pages only what workers of the same configuration have learnt is used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "module/coding/body_codings.h"
#include "module/splicing/plan_key.h"

namespace personalize::nginx {

/// What becomes of pages with one Content-Type.
struct Passage {
  Passage() = default;
  Passage(std::string_view before, const BodyCodings& codings_before, std::string_view behind);

  std::string type_before;  ///< Content-Type in front of those filters …
  BodyCodings codings;      ///< … and how the body was encoded there
  std::string type_behind;  ///< Content-Type behind them: `charset` adds to it
  PlanKey form;             ///< hash of what of it makes a difference to a plan
  bool changes_pages = false;
  bool guessed = false;  ///< this worker has not seen it
  bool operator==(const Passage&) const = default;
};

class Between {
 public:
  /// When the configuration is loaded. `location` is the same after a reload, `load` differs for every load.
  void identify(const PlanKey& location, const PlanKey& load) {
    location_ = location;
    load_ = load;
  }

  /// What is known about such pages, or null. Valid until the next `learn`.
  const Passage* find(std::string_view type_before, const BodyCodings& codings);
  /// A page has passed.
  void learn(Passage passage);

 private:
  PlanKey known_key(std::string_view type_before, const BodyCodings& codings) const;
  Passage* seen(std::string_view type_before, const BodyCodings& codings);
  Passage& new_place();

  PlanKey location_, load_;
  std::vector<Passage> passages_;
  std::size_t next_ = 0;  // to be replaced when there is no room
};

}  // namespace personalize::nginx
