// What scripts in the page report: the body of a beacon, {"events": [{"name": "add_to_cart", "items": [...]}]}. Nothing
// in it is trusted: who the visitor is, and what else an event has, the edge knows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "learn/events/event.h"

namespace personalize::learn::events {

/// What becomes of one of a beacon's events.
enum class BeaconVerdict : std::uint8_t {
  accepted,
  no_object,       ///< it is not an object with a name
  unknown_name,    ///< there is no such event
  forbidden_name,  ///< scripts may not say that
  wrong_type,      ///< a field is not of its type, or not a sensible value
  incomplete,      ///< what makes such an event is missing: a product, the duration, the order's number
  future,          ///< it is to happen only later
  too_old,         ///< it happened more than a day ago
  last = too_old
};
std::string_view to_string(BeaconVerdict verdict);

/// Why all of a beacon is refused.
enum class BeaconProblem : std::uint8_t {
  too_large,
  not_json,    ///< or nested too deeply
  not_events,  ///< JSON, but not {"events": [...]}
  too_many,
  last = too_many
};

namespace limits {
inline constexpr std::size_t max_beacon_bytes = 16 * 1024;
inline constexpr std::size_t max_beacon_events = 50;
inline constexpr std::int64_t max_beacon_age = std::int64_t{24} * 3600 * 1000;  ///< milliseconds
inline constexpr std::int64_t max_clock_error = std::int64_t{5} * 60 * 1000;    ///< of a browser
}  // namespace limits

struct BeaconEvent {
  BeaconVerdict verdict = BeaconVerdict::no_object;
  Event event = {};  ///< if it is accepted; of the identity it has the time and the name
};

class BeaconReader {
 public:
  BeaconReader();
  ~BeaconReader();
  BeaconReader(BeaconReader&&) noexcept;
  BeaconReader& operator=(BeaconReader&&) noexcept;

  /// The events of `body`, in their order. `now`: milliseconds since 1970; an event without `time` happens now, one
  /// that is a little ahead of that too. `trust_purchase`: scripts may report purchases. Fields that an event does not
  /// have are ignored. What is returned belongs to the reader, until the next call.
  tl::expected<std::span<const BeaconEvent>, BeaconProblem> read(std::string_view body, std::int64_t now,
                                                                 bool trust_purchase);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace personalize::learn::events
