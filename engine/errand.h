// Work that takes too long for the serving thread, done in another one.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace personalize::engine {

/// One piece of work at a time, in a thread of its own that receives none of the process's signals.
class Errand {
 public:
  Errand() = default;
  /// Waits for work that is under way.
  ~Errand();
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  /// `work` must not throw. False if no thread can be started; then nothing is done.
  bool start(std::function<void()> work);
  bool under_way() const { return thread_.joinable(); }
  /// True once for each piece of work, when it is done and its results can be read.
  bool done();

 private:
  std::thread thread_;
  std::atomic<bool> done_{false};
};

}  // namespace personalize::engine
