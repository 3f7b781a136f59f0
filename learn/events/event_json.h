// Events as JSON: one object, one line. The same bytes are in streams, log files and exports.
//
//     {"time": 1764410000123, "id": "0193…", "visitor": "…", "name": "view_item", "path": "/p/tide-boots",
//      "items": [{"item_id": "tide-boots", "price": 129.0}],
//      "shown": [{"slot": "hero", "rule": "rain", "experiment": "hero", "variation": "b", "applied": true}]}
//
// Members that would be empty are left out. Whatever is read is taken to be hostile: it may come from files and other
// people's tools.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "learn/events/event.h"

namespace personalize::learn::events {

/// Appends the event, without a line end. Bytes that are not UTF-8 become U+FFFD. Items and exposures beyond the limits
/// are left out.
void append_json(std::string& out, const Event& event);

class EventReader {
 public:
  EventReader();
  ~EventReader();
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;

  /// The event that `line` describes, or what is wrong with it. It needs `time`, `visitor` and `name`; `id` is a hash
  /// of the line if there is none; other members may be missing, and unknown ones, or those of the wrong type, are
  /// ignored. The event and its texts belong to the reader, until the next call.
  tl::expected<const Event*, std::string> read(std::string_view line);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace personalize::learn::events
