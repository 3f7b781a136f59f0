#include "plugins/background_task.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

#include "plugins/regular_file.h"

namespace personalize::plugins {
namespace {

constexpr std::chrono::seconds patience_at_the_end{1};

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

/// The code that a thread returns to must not be unmapped when the module is unloaded.
void keep_loaded() {
  Dl_info place;
  if (dladdr(reinterpret_cast<void*>(&keep_loaded), &place) != 0)
    dlopen(place.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

}  // namespace

struct BackgroundTask::Run final : Patience {
  std::function<void()> work;
  std::mutex* turn = nullptr;
  std::thread thread;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  bool ended = false;
  bool waits = true;     // touches nothing that others may free
  std::string path;      // the file that it waits for
  bool wanted = true;    // somebody waits for the results
  bool forever = false;  // must not go on after waiting
  bool last = true;      // the thread ends with this piece of work

  void run();
  void work_once();
  bool begin_waiting(const std::string& file) override;
  bool end_waiting() override;
  void go_on();
};

/// Called before the thread touches things again; takes its turn first.
void BackgroundTask::Run::go_on() {
  if (turn) turn->lock();
  std::unique_lock lock(mutex);
  if (!forever) {
    waits = false;
    path.clear();
    return;
  }
  lock.unlock();
  if (turn) turn->unlock();
  for (;;) pause();
}

void BackgroundTask::Run::run() {
  std::unique_lock lock(mutex, std::defer_lock);
  for (bool more = true; more;) {
    work_once();
    lock.lock();
    ended = waits = true;
    changed.notify_all();
    changed.wait(lock, [&] { return !ended || last; });
    more = !ended;
    lock.unlock();
  }
}

void BackgroundTask::Run::work_once() {
  go_on();
  use_patience(this);
  work();
  work = {};  // what it holds is given back here
  use_patience(nullptr);
  if (turn) turn->unlock();
}

bool BackgroundTask::Run::begin_waiting(const std::string& file) {
  {
    const std::lock_guard lock(mutex);
    if (!wanted) return false;
    waits = true;
    path = file;
    changed.notify_all();
  }
  if (turn) turn->unlock();
  return true;
}

bool BackgroundTask::Run::end_waiting() {
  go_on();
  const std::lock_guard lock(mutex);
  return wanted;
}

BackgroundTask::BackgroundTask(Thread thread) : thread_(thread) {}

BackgroundTask::~BackgroundTask() {
  if (current_) leave(current_);
  if (resting_) join(*resting_);
  for (const auto& task : given_up_) leave(task);
}

void BackgroundTask::leave(const std::shared_ptr<Run>& task) {
  std::unique_lock lock(task->mutex);
  task->wanted = false;
  if (!task->changed.wait_for(lock, patience_at_the_end, [&] { return task->ended; })) {
    task->changed.wait(lock, [&] { return task->ended || task->waits; });
    task->forever = !task->ended;
  }
  lock.unlock();
  if (!task->forever) return join(*task);
  keep_loaded();
  task->thread.detach();
}

/// The work has ended.
void BackgroundTask::join(Run& task) {
  {
    const std::lock_guard lock(task.mutex);
    task.last = true;
    task.changed.notify_all();
  }
  task.thread.join();
}

bool BackgroundTask::start(std::function<void()> work, std::mutex* turn) {
  if (resting_) {
    current_ = std::move(resting_);
    const std::lock_guard lock(current_->mutex);
    current_->work = std::move(work);
    current_->turn = turn;
    current_->ended = false;
    current_->changed.notify_all();
    return true;
  }
  auto task = std::make_shared<Run>();
  task->work = std::move(work);
  task->turn = turn;
  task->last = thread_ == Thread::leaves;
  const SignalsBlocked blocked;  // a thread inherits the mask of the one that starts it
  try {
    task->thread = std::thread([task] { task->run(); });
  } catch (const std::system_error&) {
    return false;
  }
  current_ = std::move(task);
  return true;
}

bool BackgroundTask::done() { return wait(std::chrono::milliseconds(0)); }

bool BackgroundTask::wait(std::chrono::milliseconds limit) {
  if (!current_) return false;
  {
    std::unique_lock lock(current_->mutex);
    if (!current_->changed.wait_for(lock, limit, [&] { return current_->ended; })) return false;
  }
  if (thread_ == Thread::stays)
    resting_ = std::move(current_);
  else
    join(*current_);
  current_.reset();
  return true;
}

std::string BackgroundTask::give_up() {
  if (!current_) return {};
  std::string path;
  {
    const std::lock_guard lock(current_->mutex);
    if (current_->ended || !current_->waits || current_->path.empty()) return {};
    current_->wanted = false;
    path = current_->path;
  }
  given_up_.push_back(std::move(current_));
  return path;
}

std::size_t BackgroundTask::given_up() {
  const auto ended = [](const std::shared_ptr<Run>& task) {
    {
      const std::lock_guard lock(task->mutex);
      if (!task->ended) return false;
    }
    join(*task);
    return true;
  };
  given_up_.erase(std::remove_if(given_up_.begin(), given_up_.end(), ended), given_up_.end());
  return given_up_.size();
}

}  // namespace personalize::plugins
