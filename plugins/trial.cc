#include "plugins/trial.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace personalize::plugins {
namespace {

/// The child: ends as whatever killed it, or well, and no later than `parent`. Only who waits hears of it.
[[noreturn]] void be_tried(const std::function<void()>& work, pid_t parent, int report) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS}) std::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  try {
    work();
  } catch (...) {  // it is said where the work is done in earnest
  }
  const char came_to_its_end = 1;
  const ssize_t written = write(report, &came_to_its_end, 1);
  _exit(written == 1 ? 0 : 1);
}

/// Whether the child says within the time that its work is done; `late`: it says nothing, and lives.
bool done_in_time(int report, std::chrono::milliseconds max_time, bool& late) {
  pollfd said{.fd = report, .events = POLLIN, .revents = 0};
  int n;
  do n = poll(&said, 1, static_cast<int>(max_time.count()));
  while (n < 0 && errno == EINTR);
  late = n == 0;
  char byte;
  return !late && read(report, &byte, 1) == 1;
}

}  // namespace

std::string try_in_child(const std::function<void()>& work, std::chrono::seconds max_time) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return {};
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child == 0) {
    close(report[0]);
    be_tried(work, self, report[1]);
  }
  close(report[1]);
  bool late = false;
  const bool done = child < 0 || done_in_time(report[0], max_time, late);
  close(report[0]);
  if (child < 0) return {};
  if (late) kill(child, SIGKILL);
  int status = 0;
  pid_t reaped;
  do reaped = waitpid(child, &status, 0);
  while (reaped < 0 && errno == EINTR);
  if (done) return {};
  if (late) return "it did not end within " + std::to_string(max_time.count()) + " s";
  if (reaped == child && WIFSIGNALED(status)) return std::string("it crashed: ") + strsignal(WTERMSIG(status));
  return "it ended the process";
}

}  // namespace personalize::plugins
