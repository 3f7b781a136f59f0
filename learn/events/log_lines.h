// Log files: one event a line. A disk that was full in the middle of a line leaves a broken one, which may be continued
// by what another worker wrote then.
#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

#include "learn/events/event_json.h"

namespace personalize::learn::events {

class LogReader {
 public:
  /// The event of the line, or nothing if there is none in it: an empty line, or a broken one, which is counted. If a
  /// whole event follows the broken part, that is the event. It belongs to this reader, until the next call.
  const Event* read(std::string_view line);
  /// Lines that had something in them that was no event.
  std::uint64_t broken() const { return broken_; }
  /// What was wrong with the last one of these.
  const std::string& problem() const { return problem_; }

 private:
  EventReader reader_;
  std::uint64_t broken_ = 0;
  std::string problem_;
};

}  // namespace personalize::learn::events
