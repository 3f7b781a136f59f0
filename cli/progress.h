// How far something has come that takes longer than a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace personalize::cli {

/// One line of its own in a terminal, written anew each second; nothing elsewhere, as in a pipe.
class Progress {
 public:
  /// `what`: "events".
  Progress(std::ostream& out, std::string what, bool terminal);
  /// So many more are done.
  void add(std::uint64_t count);
  /// Wipes the line.
  void end();
  std::uint64_t count() const { return count_; }

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& out_;
  const std::string what_;
  const bool terminal_;
  bool shown_ = false;
  std::uint64_t count_ = 0;
  Clock::time_point told_ = Clock::now();
};

/// Standard error is a terminal.
bool errors_are_seen();

}  // namespace personalize::cli
