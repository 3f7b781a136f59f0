// What the log says when a server cannot be used, and when it can again.
#pragma once

#include <cstdint>
#include <string>

#include "module/ngx.h"

namespace personalize::module::redis {

/// One line when an outage begins and one when it is over, both from one worker for all of them: nothing is added while
/// nobody asks. While pages go without, each worker may say once a second that it is still so.
class Outage {
 public:
  /// `subject`: what fails; the same in all workers, and of nothing else.
  Outage(const std::string& subject, ngx_log_t* log);
  /// What is given up is not said to be back.
  ~Outage();
  Outage(const Outage&) = delete;
  Outage& operator=(const Outage&) = delete;

  /// `who` failed: `why`.
  void begin(const std::string& who, const char* why);
  /// `who` can be used, or need not be any more.
  void end(const std::string& who, const char* what = "answers again");
  /// Somebody had to go without.
  void on_refused() { missed_ = true; }

 private:
  const std::uint64_t id_;
  ngx_log_t* log_;
  bool told_ = false;    ///< by this worker
  bool missed_ = false;  ///< since the last line
};

}  // namespace personalize::module::redis
