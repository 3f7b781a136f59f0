#include "engine/errand.h"

#include <csignal>
#include <system_error>

namespace personalize::engine {
namespace {

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

}  // namespace

Errand::~Errand() {
  if (thread_.joinable()) thread_.join();
}

bool Errand::start(std::function<void()> work) {
  done_.store(false, std::memory_order_relaxed);
  const SignalsBlocked blocked;  // a thread begins with the mask of who starts it
  try {
    thread_ = std::thread([this, work = std::move(work)]() mutable {
      work();
      work = {};  // what it holds is given back here
      done_.store(true, std::memory_order_release);
    });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

bool Errand::done() {
  if (!thread_.joinable() || !done_.load(std::memory_order_acquire)) return false;
  thread_.join();
  return true;
}

}  // namespace personalize::engine
