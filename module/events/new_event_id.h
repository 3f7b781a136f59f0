// Ids for events that this worker makes.
#pragma once

#include "learn/events/event_id.h"

namespace personalize::module {

/// `time`: milliseconds since 1970. No two are the same, whichever workers make them.
learn::events::EventId new_event_id(std::int64_t time);

}  // namespace personalize::module
