// When a server that fails, or answers too late, is left alone, and when it is tried again.
#pragma once

#include <algorithm>
#include <cstdint>

namespace personalize::engine::redis {

inline constexpr std::uint64_t min_reconnect_pause = 50;  ///< milliseconds
inline constexpr std::uint64_t max_reconnect_pause = 5000;

/// Milliseconds, after so many failures in a row before this one: doubled each time, with jitter by a random number.
constexpr std::uint64_t reconnect_pause(unsigned failures, std::uint64_t random) {
  const std::uint64_t pause = std::min(max_reconnect_pause, min_reconnect_pause << std::min(failures, 10u));
  return pause / 2 + random % pause;
}

/// A circuit breaker: closed as long as replies come in time; open, and later half open, from a failure or several late
/// replies in a row until it is closed again. Half open, one late reply opens it.
class Breaker {
 public:
  static constexpr unsigned max_late_in_a_row = 5;

  bool closed() const { return failures_ == 0; }
  /// In a row, since it was closed.
  unsigned failures() const { return failures_; }

  /// A deadline passed without its reply. True if that is one too many: the caller gives the server up, see `open`.
  bool late() { return ++late_ >= (closed() ? max_late_in_a_row : 1); }
  void in_time() { late_ = 0; }
  /// The server failed, or was given up. The pause before the next attempt, in milliseconds.
  std::uint64_t open(std::uint64_t random) { return reconnect_pause(failures_++, random); }
  void close() { failures_ = 0; }

 private:
  unsigned failures_ = 0;
  unsigned late_ = 0;
};

}  // namespace personalize::engine::redis
