// What the filters between our two do to the pages of one location: their Content-Type may become another one, and
// some change the page itself. Nobody tells; it is learnt from the pages that come through, of each type its own.
//
// Types that one worker has seen the others find in the zone of pages, after a reload too. That is no more than a
// guess: the memory is everybody's, and the configuration may be another one by now. Where pages are rewritten each one
// is looked at again, and a wrong guess costs no more than one page that is streamed. Only one that came packed is then
// too late for `gunzip`; so of packed pages no more is guessed than other workers of this configuration have seen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "module/plan_key.h"

namespace personalize::nginx {

/// What becomes of pages with one Content-Type.
struct Passage {
  Passage() = default;
  Passage(std::string_view before, bool is_packed, std::string_view behind);

  std::string type_before;  ///< Content-Type in front of those filters …
  bool packed = false;      ///< … and the body was one of gzip there
  std::string type_behind;  ///< Content-Type behind them: `charset` adds to it
  PlanKey form;             ///< hash of what of it makes a difference to a plan
  bool changes_pages = false;
  bool guessed = false;  ///< this worker has not seen it
  bool operator==(const Passage&) const = default;
};

class Between {
 public:
  /// When the configuration is loaded: who this is after the next reload, too, and which of all loads this is.
  void identify(const PlanKey& location, const PlanKey& load) {
    location_ = location;
    load_ = load;
  }

  /// What is known about such pages, or null. It stays where it is until something is learnt.
  const Passage* find(std::string_view type_before, bool packed);
  /// A page came through.
  void learn(Passage passage);

 private:
  PlanKey known_key(std::string_view type_before, bool packed) const;
  Passage* seen(std::string_view type_before, bool packed);
  Passage& new_place();

  PlanKey location_, load_;
  std::vector<Passage> passages_;
  std::size_t next_ = 0;  // that makes room
};

}  // namespace personalize::nginx
