// The log of events in Redis: `<prefix>log:{NN}` are its streams, one entry for each event with the event's line as its
// only field. Which one is the visitor's, a hash of the id says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace personalize::engine::redis {

inline constexpr unsigned max_event_streams = 100;
inline constexpr std::string_view event_field = "e";

/// `number` is below `max_event_streams`.
std::string event_stream_key(std::string_view prefix, unsigned number);
/// A hash beside the stream: how far each reader has come, by its name.
std::string event_readers_key(std::string_view prefix, unsigned number);

/// Of so many streams, at least one.
unsigned event_stream_of(std::string_view visitor, unsigned streams);

/// Makes the commands that append to one stream. What is older is dropped when the stream has more than `max_bytes`:
/// Redis counts entries, so their number is what the last ones of that size would be.
class EventStream {
 public:
  EventStream(std::string_view prefix, unsigned number, std::uint64_t max_bytes);

  std::uint16_t slot() const { return slot_; }
  /// Encoded.
  std::string append(std::string_view line);

 private:
  static constexpr std::uint64_t memory_of_mean = 64;  // entries

  void adapt();

  const std::string key_;
  const std::uint16_t slot_;
  const std::uint64_t max_bytes_;
  std::uint64_t recent_sizes_;  ///< bytes of an entry on average, times `memory_of_mean`
  std::uint64_t max_entries_ = 0;
  std::string head_;  ///< the command up to the line
};

}  // namespace personalize::engine::redis
