#include "html/seen_pages.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/html/random_page.h"
#include "tests/unit/html/rewriting.h"

namespace personalize::html {
namespace {

using testing::random_page;
using testing::Rewritten;
using testing::rewrite;

TEST(SeenPages, APageSeenBeforeIsRewrittenAsIfForTheFirstTime) {
  const unsigned seed = 20261122;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Selectors selectors;
  for (const char* selector : {"#s", ".b", "h2 + p", "li:nth-child(2)", "ul > li", "section p", "table", "td"})
    ASSERT_FALSE(selectors.add(selector));
  const std::vector<Edit> all{
      {.slot = 0, .operation = Operation::inner, .content = "<em>in</em>"},
      {.slot = 1, .operation = Operation::after, .content = "<q>after</q>"},
      {.slot = 2, .operation = Operation::append, .content = "!"},
      {.slot = 3, .operation = Operation::set_attribute, .name = "title", .value = "second"},
      {.slot = 4, .operation = Operation::prepend, .content = "<i>x</i>"},
      {.slot = 5, .operation = Operation::replace, .content = "<hr>"},
      {.slot = 6, .operation = Operation::before, .content = "<p>before</p>"},
      {.slot = 7, .operation = Operation::add_class, .value = "cell"},
  };
  SeenPages seen(1 << 20);
  std::size_t remembered = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::string page = random_page(random);
    const std::size_t piece = random() % 2 == 0 ? page.size() : 1 + random() % 300;
    for (int visit = 0; visit < 4; ++visit) {
      std::vector<Edit> edits;  // other visitors, other edits
      for (const Edit& edit : all)
        if (random() % 2 == 0) edits.push_back(edit);
      const Rewritten plain = rewrite(selectors, edits, page, [piece] { return piece; });
      const Rewritten again = rewrite(selectors, edits, page, [piece] { return piece; }, {}, {.seen = &seen});
      ASSERT_EQ(again.html, plain.html) << page;
      for (std::size_t i = 0; i < edits.size(); ++i) {
        ASSERT_EQ(again.results[i].matches, plain.results[i].matches) << page;
        ASSERT_EQ(again.results[i].applied, plain.results[i].applied) << page;
        ASSERT_EQ(again.results[i].reason, plain.results[i].reason) << page;
      }
    }
    remembered = std::max(remembered, seen.size());
  }
  EXPECT_GT(remembered, 100u);
}

std::string shelves(int count) {
  std::string page = "<!doctype html><html><head><title>t</title></head><body><header><nav><a href=/>home</a></nav></header><main>";
  for (int i = 0; i < count; ++i) page += "<section><h2>shelf</h2><ul><li>one</li><li>two</li></ul></section>\n";
  return page + "<div id=offer>old</div></main></body></html>";
}

TEST(SeenPages, WhatHoldsNothingForAnySlotIsOneStretch) {
  Selectors selectors;
  ASSERT_FALSE(selectors.add("#offer"));
  SeenPages seen(1 << 20);
  const std::string page = shelves(100);
  for (int visit = 0; visit < 2; ++visit) rewrite(selectors, {}, page, [&] { return page.size(); }, {}, {.seen = &seen});
  const auto* stretches = seen.find(seen.key({}, page));
  ASSERT_NE(stretches, nullptr);
  std::size_t skipped = 0;
  for (const Stretch& stretch : *stretches) skipped += stretch.end - stretch.begin;
  EXPECT_LE(stretches->size(), 4u);
  EXPECT_GT(skipped, page.size() * 9 / 10);
}

TEST(SeenPages, APageThatChangesInOneByteIsAnotherPage) {
  Selectors selectors;
  ASSERT_FALSE(selectors.add("#offer"));
  const std::vector<Edit> edits{{.slot = 0, .operation = Operation::inner, .content = "new"}};
  SeenPages seen(1 << 20);
  std::string page = shelves(20);
  for (int visit = 0; visit < 3; ++visit) rewrite(selectors, edits, page, [&] { return page.size(); }, {}, {.seen = &seen});
  page.replace(page.find("<li>one"), 7, "<!--one");  // the rest of the page is a comment now
  const Rewritten plain = rewrite(selectors, edits, page);
  EXPECT_EQ(rewrite(selectors, edits, page, [&] { return page.size(); }, {}, {.seen = &seen}).html, plain.html);
}

TEST(SeenPages, IsBoundedAndForgetsWhatWasUsedLongestAgo) {
  SeenPages seen(10'000);
  const SeenPages::Key first = seen.key({}, "first");
  seen.remember(first, std::vector<Stretch>(10));
  for (int i = 0; i < 1000; ++i) {
    seen.remember(seen.key({}, std::to_string(i)), std::vector<Stretch>(10));
    ASSERT_NE(seen.find(first), nullptr);  // used, so kept
  }
  EXPECT_LT(seen.size(), 40u);
  EXPECT_EQ(seen.find(seen.key({}, "0")), nullptr);
  seen.remember(seen.key({}, "huge"), std::vector<Stretch>(1000));
  EXPECT_EQ(seen.find(seen.key({}, "huge")), nullptr);
}

TEST(SeenPages, AKeyStandsForEverythingBeforeIt) {
  SeenPages seen(1000);
  EXPECT_EQ(seen.key({}, "a"), seen.key({}, "a"));
  EXPECT_FALSE(seen.key(seen.key({}, "a"), "b") == seen.key(seen.key({}, "c"), "b"));
  EXPECT_FALSE(seen.key({}, "ab") == seen.key(seen.key({}, "a"), "b"));
}

}  // namespace
}  // namespace personalize::html
