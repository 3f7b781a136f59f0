// Events in a file: one JSON object a line.
#pragma once

#include <string>

#include "module/events/event_log.h"

namespace personalize::module {

/// Whole lines, all of a turn of the event loop by one write, after what other workers have written. If the disk is
/// full in the middle of a line, the next one begins on a line of its own: readers find a broken line, not a wrong one.
class FileLog final : public EventLog {
 public:
  FileLog(const ngx_open_file_t& file, ngx_log_t* log);
  /// Writes what is left.
  ~FileLog() override;
  FileLog(const FileLog&) = delete;
  FileLog& operator=(const FileLog&) = delete;

  bool append(std::string_view visitor, std::string_view line) override;

 private:
  void flush();
  void fail(std::size_t written, ngx_err_t error);
  void forget();

  const ngx_open_file_t& file_;
  ngx_log_t* log_;
  std::string lines_;
  std::size_t count_ = 0;     ///< of `lines_`
  bool torn_ = false;         ///< the file may end within a line
  time_t full_at_ = 0;        ///< the second in which nothing more could be written
  ngx_event_t posted_flush_;  ///< at the end of this turn
};

}  // namespace personalize::module
