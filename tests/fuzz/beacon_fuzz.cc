// Any body: it is refused, or its accepted events are within the limits, are of those that scripts may report, and read
// as the same events once they are written.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "learn/events/beacon.h"
#include "learn/events/event_json.h"

namespace events = personalize::learn::events;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t now = 1'764'410'000'000;
  static events::BeaconReader reader;
  static events::EventReader again;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto list = reader.read(body, now, false);
  if (!list) return 0;
  if (list->size() > events::limits::max_beacon_events) std::abort();
  for (const auto& [verdict, accepted] : *list) {
    if (verdict != events::BeaconVerdict::accepted) continue;
    events::Event event = accepted;
    event.id = "id";
    event.visitor = "visitor";
    std::string written;
    events::append_json(written, event);
    const auto read = again.read(written);
    if (events::browsers_may_say(event.name) && event.time <= now && read && **read == event) continue;
    std::fprintf(stderr, "%.*s\n%s\n", static_cast<int>(size), body.data(), written.c_str());
    std::abort();
  }
  return 0;
}
