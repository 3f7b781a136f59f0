// Joins what passes unchanged into long slices on its way to the sink.
#pragma once

#include <cstddef>
#include <string_view>

#include "html/captured.h"
#include "html/rewriter.h"

namespace personalize::html {

class Output {
 public:
  /// `lasting`: all that passes stays where it is as long as this.
  explicit Output(Sink& sink, bool lasting = false) : sink_(sink), captured_(lasting) {}

  /// Bytes of the chunk in hand.
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
    if (capturing_)
      captured_.insert(bytes);
    else
      sink_.insert(bytes);
  }
  void copy(std::string_view bytes) {
    if (bytes.empty()) return;
    flush();
    if (capturing_)
      captured_.copy(bytes);
    else
      sink_.copy(bytes);
  }
  void flush() {
    const std::string_view run = this->run();
    if (capturing_ && !run.empty()) captured_.pass(run);  // what is held must not be lost if there is no memory for it
    run_begin_ = run_end_ = nullptr;
    if (capturing_ || run.empty()) return;
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
  std::size_t captured_bytes() const { return captured_.size() + (capturing_ ? run().size() : 0); }
  /// All that was written since `capture`.
  Captured& captured() {
    flush();
    return captured_;
  }
  void release() {
    capturing_ = false;
    captured_.hand_to(sink_);
    captured_.clear();
  }
  /// Nothing is kept or joined from now on.
  void abandon() noexcept {
    release();
    flush();
    foreign_ = false;
  }
  std::size_t memory() const { return captured_.memory(); }

 private:
  std::string_view run() const { return {run_begin_, static_cast<std::size_t>(run_end_ - run_begin_)}; }

  Sink& sink_;
  const char* run_begin_ = nullptr;  // what passes, not given to the sink yet
  const char* run_end_ = nullptr;
  bool foreign_ = false;
  bool capturing_ = false;
  Captured captured_;
};

}  // namespace personalize::html
