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
    if (capturing_) [[unlikely]] {
      captured_ += bytes;
      return;
    }
    if (bytes.data() != run_.data() + run_.size() || run_.empty()) {
      flush();
      run_ = bytes;
    } else {
      run_ = {run_.data(), run_.size() + bytes.size()};
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
    if (!run_.empty()) {
      if (foreign_) sink_.copy(run_);
      else sink_.pass(run_);
    }
    run_ = {};
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
  std::size_t memory() const { return captured_.capacity(); }

 private:
  Sink& sink_;
  std::string_view run_;
  bool foreign_ = false;
  bool capturing_ = false;
  std::string captured_;
};

}  // namespace personalize::html
