// Work that would keep a thread from serving, done in another one.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace personalize::engine {

/// One piece of work at a time, in a thread that exists just for it and takes none of the process's signals.
class Errand {
 public:
  Errand() = default;
  /// Waits for what is under way.
  ~Errand();
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  /// `work` must not throw. False: there is no thread to be had, nothing is done.
  bool start(std::function<void()> work);
  bool under_way() const { return thread_.joinable(); }
  /// True once for each piece of work, when it is done: what it wrote can be read.
  bool done();

 private:
  std::thread thread_;
  std::atomic<bool> done_{false};
};

}  // namespace personalize::engine
