#include "html/splice_plan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/html/random_page.h"
#include "tests/unit/html/splicing.h"

namespace personalize::html {
namespace {

using testing::expect_equal;
using testing::random_page;
using testing::rewrite;
using testing::Rewritten;
using testing::splice;
using testing::Spliced;

constexpr const char* selector_list[] = {"#s",         ".b",        "h2 + p",        "li:nth-child(2)",
                                         "ul > li",    "section p", "table",         "td",
                                         "li",         "p",         "body",          "div",
                                         "b",          "tr",        "svg *",         "a",
                                         "html",       "head",      "li:last-child", "p:empty",
                                         "img",        "script",    "template",      "option",
                                         "div:has(b)", "textarea"};
constexpr const char* contents[] = {
    "text", "<em>in</em>", "<p>paragraph</p>",       "<li>item</li>",         "<td>cell</td>",
    "",     "ä",           "<div><p>deep</p></div>", "<tr><td>row</td></tr>", "<a href=q>link</a>"};

TEST(SplicePlan, WritesForAnyEditsWhatTheRewriterWrites) {
  const unsigned seed = 20261122;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int done = 0, refused = 0, applied = 0;
  for (int round = 0; round < 800; ++round) {
    Selectors selectors;
    for (int i = 0; i < 6; ++i) ASSERT_FALSE(selectors.add(selector_list[random() % std::size(selector_list)]));
    const std::string page = random_page(random);
    const std::string plan = record_plan(selectors, page);
    const std::string plan_without_body = record_plan(selectors, page, {}, TagSource::plan);
    ASSERT_TRUE(SplicePlan(plan).valid() && SplicePlan(plan_without_body).valid());
    for (int visit = 0; visit < 6; ++visit) {
      std::vector<Edit> edits;  // other visitors, other edits
      for (int i = 0; i < 4; ++i) {
        edits.push_back({.slot = static_cast<SlotId>(random() % 6),
                         .operation = static_cast<Operation>(random() % 11),
                         .content = contents[random() % std::size(contents)],
                         .name = random() % 2 ? "class" : "data-x",
                         .value = "one 'two'"});
        if (edits.back().operation >= Operation::remove) edits.back().content = {};
      }
      edits.resize(1 + random() % 4);
      const Spliced spliced = splice(plan, selectors, page, edits);
      const Spliced unread = splice(plan_without_body, selectors, page, edits);
      ++(spliced.done ? done : refused);
      ASSERT_EQ(unread.done, spliced.done);
      if (!spliced.done) continue;
      const Rewritten streamed = rewrite(selectors, edits, page);
      expect_equal(spliced, streamed, page);
      expect_equal(unread, streamed, page);
      if (HasFatalFailure()) return;
      for (const EditResult& result : spliced.results) applied += result.applied != 0;
    }
  }
  EXPECT_GT(done, 20 * refused);
  EXPECT_GT(applied, 1500);
}

TEST(SplicePlan, IsForOneBodyOnly) {
  Selectors selectors;
  ASSERT_FALSE(selectors.add("p"));
  const std::vector<Edit> edits{{.slot = 0, .content = "new"}};
  const std::string plan = record_plan(selectors, "<p>one</p>");
  EXPECT_TRUE(splice(plan, selectors, "<p>one</p>", edits).done);
  EXPECT_FALSE(splice(plan, selectors, "<p>one</p", edits).done);
  EXPECT_FALSE(splice(plan, selectors, "<p>one</p>\n", edits).done);
}

TEST(SplicePlan, ThatIsBrokenIsNoPlan) {
  const unsigned seed = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Selectors selectors;
  ASSERT_FALSE(selectors.add("p"));
  const std::string plan =
      record_plan(selectors, "<!doctype html><body><div><p>one</p><p>two</div>", {}, TagSource::plan);
  EXPECT_FALSE(SplicePlan("").valid());
  for (int round = 0; round < 2000; ++round) {
    std::string broken = plan;
    if (random() % 4 == 0)
      broken.resize(random() % plan.size());
    else
      broken[random() % plan.size()] ^= static_cast<char>(1 + random() % 255);
    ASSERT_FALSE(SplicePlan(broken).valid());
  }
}

TEST(SplicePlan, OfAPageWithoutSlotsPassesItAsItIs) {
  Selectors selectors;
  ASSERT_FALSE(selectors.add("#nowhere"));
  const std::vector<Edit> edits{{.slot = 0, .content = "new"}};
  const std::string page = "<p>one</p><!-- two";
  const Spliced spliced = splice(record_plan(selectors, page), selectors, page, edits);
  EXPECT_TRUE(spliced.done);
  EXPECT_EQ(spliced.html, page);
  EXPECT_EQ(spliced.results[0].reason, Skip::no_match);
}

}  // namespace
}  // namespace personalize::html
