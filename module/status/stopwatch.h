// How long something takes, for counters and variables.
#pragma once

#include <chrono>
#include <cstdint>

namespace personalize::module {

/// Of a clock that does not go back.
inline std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

/// Adds its lifetime to a counter of nanoseconds.
class Stopwatch {
 public:
  explicit Stopwatch(std::uint64_t& total) : Stopwatch(total, now_ns()) {}
  /// … counted from `start`.
  Stopwatch(std::uint64_t& total, std::uint64_t start) : total_(total), start_(start) {}
  ~Stopwatch() { total_ += now_ns() - start_; }
  Stopwatch(const Stopwatch&) = delete;

 private:
  std::uint64_t& total_;
  std::uint64_t start_;
};

}  // namespace personalize::module
