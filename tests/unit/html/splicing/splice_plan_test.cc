#include "html/splicing/splice_plan.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <random>
#include <string>
#include <vector>

#include "html/splicing/plan_events.h"
#include "tests/unit/html/guarded_buffer.h"
#include "tests/unit/html/random_page.h"
#include "tests/unit/html/splicing/splicing.h"

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
constexpr const char* contents_put_in[] = {
    "text", "<em>in</em>", "<p>paragraph</p>",       "<li>item</li>",         "<td>cell</td>",
    "",     "ä",           "<div><p>deep</p></div>", "<tr><td>row</td></tr>", "<a href=q>link</a>"};

std::vector<Edit> random_edits(std::mt19937& random) {
  std::vector<Edit> edits;
  for (int i = 0; i < 4; ++i) {
    edits.push_back({.slot = static_cast<SlotId>(random() % 6),
                     .operation = static_cast<Operation>(random() % 11),
                     .content = contents_put_in[random() % std::size(contents_put_in)],
                     .name = random() % 2 ? "class" : "data-x",
                     .value = "one 'two'"});
    if (edits.back().operation >= Operation::remove) edits.back().content = {};
  }
  edits.resize(1 + random() % 4);
  return edits;
}

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
      const std::vector<Edit> edits = random_edits(random);  // other visitors, other edits
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

class Descending : public ChildOrder {
 public:
  std::int64_t key(std::string_view value) const override { return value.empty() ? 0 : -value[0]; }
  void describe(std::string&) const override {}
};
const Descending descending;

/// Checks that slices are inside the body.
class InBody : public SpliceSink {
 public:
  explicit InBody(std::size_t body_size) : body_size_(body_size) {}
  void slice(std::size_t at, std::size_t size) override { outside |= at > body_size_ || size > body_size_ - at; }
  void insert(std::string_view) override {}
  void copy(std::string_view) override {}
  bool outside = false;

 private:
  std::size_t body_size_;
};

TEST(SplicePlan, ThatSomebodyElseHasWrittenTakesNothingFromElsewhere) {
  const unsigned seed = 11;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  testing::GuardedBuffer plan_memory(1 << 20), body_memory(1 << 20);
  int done = 0;
  for (int round = 0; round < 2000; ++round) {
    Selectors selectors;
    for (int i = 0; i < 6; ++i) ASSERT_FALSE(selectors.add(selector_list[random() % std::size(selector_list)]));
    const std::string page = random_page(random);
    const TagSource tags = random() % 2 != 0 ? TagSource::plan : TagSource::body;
    constexpr SlotId sorted[] = {0, 1, 2};
    std::string plan = record_plan(selectors, page, {}, tags, sorted);
    if (plan.size() == sizeof(PlanHeader)) continue;
    for (unsigned changes = 1 + random() % 4; changes != 0; --changes)
      plan[sizeof(PlanHeader) + random() % (plan.size() - sizeof(PlanHeader))] = static_cast<char>(random());
    const std::uint64_t checksum = XXH3_64bits(plan.data() + sizeof checksum, plan.size() - sizeof checksum);
    plan.replace(0, sizeof checksum, reinterpret_cast<const char*>(&checksum), sizeof checksum);
    std::vector<Edit> edits = random_edits(random);
    for (SlotId slot : sorted) {
      if (random() % 2 != 0)
        edits.push_back({.slot = slot, .operation = Operation::reorder, .name = "k", .order = &descending});
    }
    std::vector<EditResult> results(edits.size());
    InBody sink(page.size());
    const SplicePlan written(plan_memory.at_end(plan));
    ASSERT_TRUE(written.valid());
    const std::string_view body = tags == TagSource::body ? body_memory.at_end(page) : std::string_view();
    done += written.splice(selectors, body, edits, sink, results);
    ASSERT_FALSE(sink.outside);
  }
  EXPECT_GT(done, 500);
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
