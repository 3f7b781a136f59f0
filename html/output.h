// Joins what passes unchanged into long slices on its way to the sink.
#pragma once

#include <string_view>

#include "html/rewriter.h"

namespace personalize::html {

class Output {
 public:
  explicit Output(Sink& sink) : sink_(sink) {}

  /// Bytes of the chunk in hand.
  void pass(std::string_view bytes) {
    if (bytes.data() != run_.data() + run_.size() || run_.empty()) {
      flush();
      run_ = bytes;
    } else {
      run_ = {run_.data(), run_.size() + bytes.size()};
    }
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
    if (!run_.empty()) sink_.pass(run_);
    run_ = {};
  }

 private:
  Sink& sink_;
  std::string_view run_;
};

}  // namespace personalize::html
