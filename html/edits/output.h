// Joins unchanged bytes into long slices on their way to the sink.
#pragma once

#include <cstddef>
#include <string_view>

#include "html/edits/capture.h"

namespace personalize::html {

class Output {
 public:
  explicit Output(Capture& sink) : sink_(sink) {}

  /// Bytes of the current chunk.
  void pass(std::string_view bytes) {
    if (bytes.data() != run_end_) [[unlikely]] {
      flush();
      run_begin_ = run_end_ = bytes.data();
    }
    run_end_ += bytes.size();
  }
  void insert(std::string_view bytes) {
    if (bytes.empty()) return;
    flush();
    sink_.insert(bytes);
  }
  void copy(std::string_view bytes) {
    if (bytes.empty()) return;
    flush();
    sink_.copy(bytes);
  }
  void flush() {
    const std::string_view run(run_begin_, static_cast<std::size_t>(run_end_ - run_begin_));
    if (sink_.capturing() && !run.empty()) sink_.pass(run);  // if there is no memory for it, it must not be lost
    run_begin_ = run_end_ = nullptr;
    if (sink_.capturing() || run.empty()) return;
    if (foreign_)
      sink_.copy(run);
    else
      sink_.pass(run);
  }

  /// Bytes that pass from now on are not in the caller's chunk and must be copied.
  void set_foreign(bool foreign) {
    flush();
    foreign_ = foreign;
  }

  /// Keeps everything back until `release`.
  void capture() {
    flush();
    sink_.begin();
  }
  bool capturing() const { return sink_.capturing(); }
  Captured& captured() {
    flush();
    return sink_.captured();
  }
  /// Takes back what stands between two marks.
  void erase(Captured::Mark begin, Captured::Mark end) {
    flush();
    sink_.captured();
    sink_.erase(begin, end);
  }
  /// The same where only what has been marked counts.
  void erase_marked(Captured::Mark begin, Captured::Mark end) noexcept { sink_.erase(begin, end); }
  void release() {
    flush();
    sink_.release();
  }
  /// Stops holding and joining.
  void abandon() noexcept {
    sink_.release();
    flush();
    foreign_ = false;
  }
  std::size_t memory() const { return sink_.memory(); }

 private:
  Capture& sink_;
  const char* run_begin_ = nullptr;  // what passes, not given to the sink yet
  const char* run_end_ = nullptr;
  bool foreign_ = false;
};

}  // namespace personalize::html
