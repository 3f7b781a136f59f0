// A sink before the caller's, which holds what is written for elements that cannot be decided before they end.
#pragma once

#include "html/edits/captured.h"
#include "html/rewriter.h"

namespace personalize::html {

/// Passes everything on at once, except between `begin` and `release`.
class Capture : public Sink {
 public:
  void begin() {
    flush();
    capturing_ = true;
  }
  bool capturing() const { return capturing_; }
  /// All that came since `begin`.
  Captured& captured() {
    flush();
    return captured_;
  }
  virtual void release() = 0;
  void erase(Captured::Mark begin, Captured::Mark end) noexcept { captured_.erase(begin, end); }
  std::size_t memory() const { return captured_.memory(); }

 protected:
  /// Deals with what has only been joined so far.
  virtual void flush() {}
  template <class To>
  void release_to(To& to) {
    flush();
    capturing_ = false;
    captured_.hand_to(to);
    captured_.clear();
  }

  Captured captured_;
  bool capturing_ = false;
};

/// For streamed pages, whose unchanged bytes must be copied to be kept.
class StreamCapture final : public Capture {
 public:
  explicit StreamCapture(Sink& sink) : sink_(sink) {}

  void pass(std::string_view bytes) override { capturing_ ? captured_.copy(bytes) : sink_.pass(bytes); }
  void insert(std::string_view bytes) override { capturing_ ? captured_.insert(bytes) : sink_.insert(bytes); }
  void copy(std::string_view bytes) override { capturing_ ? captured_.copy(bytes) : sink_.copy(bytes); }
  void release() override { release_to(sink_); }

 private:
  Sink& sink_;
};

}  // namespace personalize::html
