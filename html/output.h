// Joins what passes unchanged into long slices on its way to the sink.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "html/rewriter.h"

namespace personalize::html {

class Output {
 public:
  explicit Output(Sink& sink) : sink_(sink) {}

  /// Bytes of the chunk in hand.
  void pass(std::string_view bytes) {
    if (bytes.data() == run_end_) [[likely]] {
      run_end_ += bytes.size();
    } else if (capturing_) {
      captured_ += bytes;
    } else {
      flush();
      run_begin_ = bytes.data();
      run_end_ = run_begin_ + bytes.size();
    }
  }
  void insert(std::string_view bytes) {
    if (bytes.empty()) return;
    if (capturing_) {
      captured_ += bytes;
      return;
    }
    flush();
    sink_.insert(bytes);
  }
  void copy(std::string_view bytes) {
    if (bytes.empty()) return;
    if (capturing_) {
      captured_ += bytes;
      return;
    }
    flush();
    sink_.copy(bytes);
  }
  void flush() {
    const std::string_view run(run_begin_, static_cast<std::size_t>(run_end_ - run_begin_));
    run_begin_ = run_end_ = nullptr;
    if (run.empty()) return;
    if (foreign_)
      sink_.copy(run);
    else
      sink_.pass(run);
  }

  /// The bytes that pass from now on are not the caller's own.
  void set_foreign(bool foreign) {
    flush();
    foreign_ = foreign;
  }

  /// From now on everything is kept, until `release` lets it go.
  void capture() {
    flush();
    capturing_ = true;
  }
  bool capturing() const { return capturing_; }
  std::string& captured() { return captured_; }
  void release() {
    capturing_ = false;
    copy(captured_);
    captured_ = {};
  }
  /// Nothing is kept or joined from now on.
  void abandon() noexcept {
    flush();
    foreign_ = false;
    capturing_ = false;
    sink_.copy(captured_);
    captured_.clear();
  }
  std::size_t memory() const { return captured_.capacity(); }

 private:
  Sink& sink_;
  const char* run_begin_ = nullptr;  // what passes, not given to the sink yet
  const char* run_end_ = nullptr;
  bool foreign_ = false;
  bool capturing_ = false;
  std::string captured_;
};

}  // namespace personalize::html
