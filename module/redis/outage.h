// What the log says when a server cannot be used, and when it can again.
#pragma once

#include <cstdint>
#include <string>

#include "module/ngx.h"

namespace personalize::module::redis {

/// One line when an outage begins and one when it is over, each from one worker for all of them: nothing is added while
/// nobody asks. While pages have to do without, each worker may repeat the first line once a second.
class Outage {
 public:
  /// `subject`: what fails; the same in all workers, and unique.
  Outage(const std::string& subject, ngx_log_t* log);
  /// A server that is given up is not reported as back.
  ~Outage();
  Outage(const Outage&) = delete;
  Outage& operator=(const Outage&) = delete;

  /// `who` failed: `why`.
  void begin(const std::string& who, const char* why);
  /// `who` can be used, or need not be any more.
  void end(const std::string& who, const char* what = "answers again");
  /// Somebody had to do without.
  void on_refused() { missed_ = true; }

 private:
  const std::uint64_t id_;
  ngx_log_t* log_;
  bool told_ = false;    ///< by this worker
  bool missed_ = false;  ///< since the last line
};

}  // namespace personalize::module::redis
