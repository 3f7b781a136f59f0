// Runs the rewriter over a page in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/rewriter.h"
#include "html/splicing/splice_plan.h"

namespace personalize::html::testing {

class StringSink : public Sink {
 public:
  void pass(std::string_view bytes) override { text += bytes; }
  void insert(std::string_view bytes) override { text += bytes; }
  void copy(std::string_view bytes) override { text += bytes; }
  std::string text;
};

/// The page put together from `body`.
class SplicedString : public SpliceSink {
 public:
  explicit SplicedString(std::string_view body) : body_(body) {}
  void slice(std::size_t at, std::size_t size) override { text += body_.substr(at, size); }
  void insert(std::string_view bytes) override { text += bytes; }
  void copy(std::string_view bytes) override { text += bytes; }
  std::string text;

 private:
  std::string_view body_;
};

struct Rewritten {
  std::string html;
  std::vector<EditResult> results;
  std::size_t max_memory = 0;
};

/// `next_size` gives the size of the next piece; `place` may put it elsewhere in memory.
inline Rewritten rewrite(const Selectors& selectors, std::span<const Edit> edits, std::string_view page,
                         const std::function<std::size_t()>& next_size,
                         const std::function<std::string_view(std::string_view)>& place = {},
                         const RewriterOptions& options = {}) {
  StringSink sink;
  Rewriter rewriter(selectors, edits, sink, options);
  Rewritten rewritten;
  for (std::size_t at = 0; at < page.size();) {
    const std::string_view piece = page.substr(at, std::max<std::size_t>(1, next_size()));
    rewriter.write(place ? place(piece) : piece);
    rewritten.max_memory = std::max(rewritten.max_memory, rewriter.memory());
    at += piece.size();
  }
  rewriter.end();
  rewritten.html = std::move(sink.text);
  rewritten.results.assign(rewriter.results().begin(), rewriter.results().end());
  return rewritten;
}

/// Whole, or cut into pieces of one size.
inline Rewritten rewrite(const Selectors& selectors, std::span<const Edit> edits, std::string_view page,
                         std::size_t piece = static_cast<std::size_t>(-1)) {
  return rewrite(selectors, edits, page, [piece] { return piece; });
}

}  // namespace personalize::html::testing
