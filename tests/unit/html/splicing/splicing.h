// Puts a page in memory together from a splice plan, and compares that with what the rewriter writes.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "html/splicing/splice_plan.h"
#include "tests/unit/html/rewriting.h"

namespace personalize::html::testing {

struct Spliced {
  bool done = false;
  std::string html;
  std::vector<EditResult> results;
};

inline Spliced splice(const std::string& plan, const Selectors& selectors, const std::string& body,
                      std::span<const Edit> edits, const RewriterOptions& options = {}) {
  Spliced spliced;
  SplicedString sink(body);
  spliced.results.resize(edits.size());
  const SplicePlan pages(plan);
  const std::string_view at_hand = pages.keeps_tags() ? std::string_view() : body;
  spliced.done = pages.splice(selectors, at_hand, edits, sink, spliced.results, options);
  spliced.html = std::move(sink.text);
  return spliced;
}

inline void expect_equal(const Spliced& spliced, const Rewritten& streamed, const std::string& page) {
  ASSERT_EQ(spliced.html, streamed.html) << page;
  for (std::size_t i = 0; i < spliced.results.size(); ++i) {
    ASSERT_EQ(spliced.results[i].matches, streamed.results[i].matches) << i << "\n" << page;
    ASSERT_EQ(spliced.results[i].applied, streamed.results[i].applied) << i << "\n" << page;
    ASSERT_EQ(spliced.results[i].reason, streamed.results[i].reason) << i << "\n" << page;
  }
}

}  // namespace personalize::html::testing
