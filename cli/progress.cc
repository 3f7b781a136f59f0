#include "cli/progress.h"

#include <unistd.h>

#include <utility>

namespace personalize::cli {

Progress::Progress(std::ostream& out, std::string what, bool terminal)
    : out_(out), what_(std::move(what)), terminal_(terminal) {}

void Progress::add(std::uint64_t count) {
  count_ += count;
  if (!terminal_ || Clock::now() - told_ < std::chrono::seconds(1)) return;
  told_ = Clock::now();
  shown_ = true;
  out_ << '\r' << count_ << ' ' << what_ << " …" << std::flush;
}

void Progress::end() {
  if (shown_) out_ << "\r\033[K" << std::flush;
  shown_ = false;
}

bool errors_are_seen() { return isatty(STDERR_FILENO) == 1; }

}  // namespace personalize::cli
