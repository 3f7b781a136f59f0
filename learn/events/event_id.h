// Ids of events: no two are the same, and they sort by time.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace personalize::learn::events {

/// UUID version 7 (RFC 9562, 5.7) as text.
class EventId {
 public:
  /// `time`: milliseconds since 1970 UTC. Of the random bits 74 are used; they must come from a source that no two
  /// workers share.
  EventId(std::int64_t time, std::uint64_t random_high, std::uint64_t random_low);
  std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 36> text_;
};

}  // namespace personalize::learn::events
