// Work that takes too long for the serving thread, done in another one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace personalize::engine {

/// One piece of work at a time, in a thread of its own that receives none of the process's signals. Where the work
/// waits for a file system (see plugins::Patience) that never answers, it can be left behind.
class BackgroundTask {
 public:
  /// Whether there is a thread for each piece of work, or one that stays for all of them: as long as it is there, what
  /// other threads allocate does not come to lie between what it allocated.
  enum class Thread : std::uint8_t { leaves, stays };
  explicit BackgroundTask(Thread thread = Thread::leaves);
  /// Waits for work that is under way to end. What still waits for a file system after a second is left: its thread
  /// sleeps for ever once the call returns, and touches nothing any more.
  ~BackgroundTask();
  BackgroundTask(const BackgroundTask&) = delete;
  BackgroundTask& operator=(const BackgroundTask&) = delete;

  /// `work` must not throw, and owns what it uses. False if no thread can be started; then nothing is done. `turn` is
  /// held while the work is done, but not while it waits for a file system.
  bool start(std::function<void()> work, std::mutex* turn = nullptr);
  bool under_way() const { return current_ != nullptr; }
  /// True once for each piece of work, when it is done and its results can be read.
  bool done();
  /// The same, after waiting so long for it.
  bool wait(std::chrono::milliseconds limit);

  /// If the work waits for a file right now, it is not this task any more: it fails as soon as the file system
  /// answers, and its results are nobody's. The file's path, or empty if the work goes on.
  std::string give_up();
  /// Pieces of work that were given up and still wait.
  std::size_t given_up();

 private:
  struct Run;
  static void leave(const std::shared_ptr<Run>& task);
  static void join(Run& task);

  const Thread thread_;
  std::shared_ptr<Run> current_;
  std::shared_ptr<Run> resting_;  // whose thread waits for more work
  std::vector<std::shared_ptr<Run>> given_up_;
};

}  // namespace personalize::engine
