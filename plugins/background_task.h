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

namespace personalize::plugins {

/// One piece of work at a time, in a thread of its own that receives none of the process's signals. Work
/// that waits for a file system (see Patience) that never answers can be abandoned.
class BackgroundTask {
 public:
  /// Whether each piece of work gets a new thread, or one thread stays for all of them: while it lives, other threads'
  /// allocations do not end up between its own.
  enum class Thread : std::uint8_t { leaves, stays };
  explicit BackgroundTask(Thread thread = Thread::leaves);
  /// Waits for the current work to end. Work that still waits for a file system after a second is abandoned: its thread
  /// sleeps forever once the call returns, and touches nothing any more.
  ~BackgroundTask();
  BackgroundTask(const BackgroundTask&) = delete;
  BackgroundTask& operator=(const BackgroundTask&) = delete;

  /// `work` must not throw, and owns what it uses. False if no thread can be started; then nothing is done. `turn` is
  /// locked while the work runs, except while it waits for a file system.
  bool start(std::function<void()> work, std::mutex* turn = nullptr);
  bool under_way() const { return current_ != nullptr; }
  /// True once for each piece of work, when it is done and its results can be read.
  bool done();
  /// The same, after waiting for it that long.
  bool wait(std::chrono::milliseconds limit);

  /// If the work is waiting for a file right now, abandons it: it fails as soon as the file system answers, and its
  /// results are dropped. Returns the file's path, or an empty string if the work goes on.
  std::string give_up();
  /// How many abandoned pieces of work still wait.
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

}  // namespace personalize::plugins
