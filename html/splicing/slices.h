// Describes unchanged parts of a page by their offsets in the body.
#pragma once

#include <cstddef>
#include <string_view>

#include "html/edits/capture.h"
#include "html/splicing/splice_plan.h"

namespace personalize::html {

class Slices final : public Capture {
 public:
  explicit Slices(SpliceSink& sink) : sink_(sink) {}

  void slice(std::size_t at, std::size_t size) {
    if (at != end_) flush();
    if (begin_ == end_) begin_ = at;
    end_ = at + size;
  }
  /// Bytes that are passed are those of the current tag, which is at `offset`.
  void set_tag(std::size_t offset) { tag_ = offset; }
  void pass(std::string_view bytes) override { slice(tag_, bytes.size()); }
  void insert(std::string_view bytes) override {
    flush();
    capturing_ ? captured_.insert(bytes) : sink_.insert(bytes);
  }
  void copy(std::string_view bytes) override {
    flush();
    capturing_ ? captured_.copy(bytes) : sink_.copy(bytes);
  }
  void release() override { release_to(*this); }
  void finish() { flush(); }

 private:
  void flush() override {
    if (begin_ != end_) capturing_ ? captured_.slice(begin_, end_ - begin_) : sink_.slice(begin_, end_ - begin_);
    begin_ = end_;
  }

  SpliceSink& sink_;
  std::size_t begin_ = 0, end_ = 0;  // unchanged bytes that have not been passed on yet
  std::size_t tag_ = 0;
};

}  // namespace personalize::html
