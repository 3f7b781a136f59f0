// From a request whose response is over to the events that are written down of it.
//
// Nothing is made of what no person did: robots, pages that browsers fetch ahead of time, responses that failed; and
// nothing without an id of the visitor and his consent to measurement.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "engine/evaluation.h"
#include "engine/exposures.h"
#include "engine/facts/kept_facts.h"
#include "learn/events/event.h"
#include "rules/events/event_rules.h"

namespace personalize::engine {

/// Why a request that events are declared for, or that rules had something for, made none.
enum class NoEvent : std::uint8_t {
  none,         ///< it made some
  no_match,     ///< no mapping matches: their `when` is false
  no_visitor,   ///< there is no id: a visitor without cookies, or a first page that gives none
  no_consent,   ///< … to measurement
  bot,          ///< it says that it is a robot
  speculative,  ///< fetched ahead of time, and perhaps never seen
  response,     ///< an error, a redirect in place of a page, not a whole page
  last = response,
};
std::string_view to_string(NoEvent why);

/// What only the host knows.
struct RecordedRequest {
  Sent sent;
  bool is_page = false;             ///< the response is a page, or says that the browser has it
  std::string_view issued_id = {};  ///< that this response has given the visitor, or empty
  rules::Value form = {};           ///< see rules::EventRequest …
  KeptFacts facts = KeptFacts({});
};

struct MadeEvents {
  explicit MadeEvents(rules::Arena& arena) : events(&arena) {}

  std::pmr::vector<learn::events::Event> events;  ///< without `id` and `shop`; texts live as long as the evaluation
  rules::Omissions omissions;
  NoEvent why = NoEvent::none;
};

/// A request that opens a page, as a browser does it for a person: not one by a script or for a frame.
bool opens_page(const plugins::Request& request);

/// `evaluation` has been resolved, or nothing has been fetched for it. Throws nothing but std::bad_alloc.
MadeEvents make_events(Evaluation& evaluation, const RecordedRequest& recorded);

}  // namespace personalize::engine
