// Any line: it is an event or is refused, and an event that is written reads as the same event.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "learn/events/event_json.h"

namespace events = personalize::learn::events;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static events::EventReader reader, again;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto event = reader.read(line);
  if (!event) return 0;
  std::string written;
  events::append_json(written, **event);
  const auto read = again.read(written);
  // What is cut off where it is too long is not the same any more.
  if (!read && written.size() > events::limits::max_event_bytes) return 0;
  if (read && **read == **event) return 0;
  std::fprintf(stderr, "%.*s\n%s\n", static_cast<int>(size), line.data(), written.c_str());
  std::abort();
}
