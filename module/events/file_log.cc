#include "module/events/file_log.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "learn/events/event.h"
#include "module/log/log.h"

namespace personalize::module {
namespace {

constexpr std::size_t max_bytes_of_a_turn = 4 * 1024 * 1024;

}  // namespace

FileLog::FileLog(const ngx_open_file_t& file, ngx_log_t* log) : file_(file), log_(log) {
  ngx_memzero(&posted_flush_, sizeof(posted_flush_));
  posted_flush_.data = this;
  posted_flush_.log = log;
  posted_flush_.handler = [](ngx_event_t* event) {
    guarded(event->log, [&] { static_cast<FileLog*>(event->data)->flush(); });
  };
}

FileLog::~FileLog() {
  if (posted_flush_.posted) {
    ngx_delete_posted_event(&posted_flush_);
  }
  guarded(log_, [&] { flush(); });
}

bool FileLog::append(std::string_view, std::string_view line) {
  if (line.size() > learn::events::limits::max_event_bytes) {
    count_dropped(Dropped::too_large);
    return false;
  }
  if (full_at_ == ngx_time() || lines_.size() > max_bytes_of_a_turn) {
    count_dropped(Dropped::disk);
    return false;
  }
  lines_.append(line) += '\n';
  ++count_;
  if (!posted_flush_.posted) {
    ngx_post_event(&posted_flush_, &ngx_posted_events);
  }
  return true;
}

void FileLog::flush() {
  if (count_ == 0) return;
  if (torn_) lines_.insert(0, 1, '\n');
  const ssize_t written = ngx_write_fd(file_.fd, lines_.data(), lines_.size());
  if (written != static_cast<ssize_t>(lines_.size()))
    return fail(written > 0 ? static_cast<std::size_t>(written) : 0, written < 0 ? ngx_errno : NGX_ENOSPC);
  counters().events_logged += count_;
  torn_ = false;
  forget();
}

/// Nothing is tried again: other workers may have written meanwhile.
void FileLog::fail(std::size_t written, ngx_err_t error) {
  const std::string_view there = std::string_view(lines_).substr(torn_ ? 1 : 0, written - (torn_ && written != 0));
  const auto whole = static_cast<std::size_t>(std::ranges::count(there, '\n'));
  counters().events_logged += whole;
  count_dropped(Dropped::disk, count_ - whole);
  log_limited(Topic::events, NGX_LOG_ERR, log_, "%uz events are lost: \"%V\" cannot be written (%d: %s)",
              count_ - whole, &file_.name, static_cast<int>(error), std::strerror(error));
  torn_ = true;  // by this worker or by others, who fail as this one does
  full_at_ = ngx_time();
  forget();
}

/// Keeps the memory for the next turn, unless that was an exceptional one.
void FileLog::forget() {
  constexpr std::size_t max_kept = 256 * 1024;
  lines_.clear();
  if (lines_.capacity() > max_kept) lines_.shrink_to_fit();
  count_ = 0;
}

}  // namespace personalize::module
