// Children in a visitor's order, put together from a splice plan.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/html/random_page.h"
#include "tests/unit/html/splicing/splicing.h"

namespace personalize::html::testing {
namespace {

/// By the value's bytes, some of which a visitor's order changes.
class Shuffled : public ChildOrder {
 public:
  void describe(std::string&) const override {}
  explicit Shuffled(std::uint32_t mask) : mask_(mask) {}
  std::int64_t key(std::string_view value) const override {
    std::uint32_t key = 0;
    for (const char c : value) key = key * 31 + static_cast<unsigned char>(c);
    return key ^ mask_;
  }

 private:
  std::uint32_t mask_;
};
const Shuffled orders[] = {Shuffled(0), Shuffled(3), Shuffled(0xFFFFFFFFu)};

constexpr SlotId first[] = {0};

Edit reorder(SlotId slot, const ChildOrder& order = orders[0]) {
  return {.slot = slot, .operation = Operation::reorder, .name = "k", .order = &order};
}

Selectors select(std::initializer_list<const char*> all) {
  Selectors selectors;
  for (const char* selector : all) EXPECT_FALSE(selectors.add(selector));
  return selectors;
}

/// In pieces of `piece` bytes.
Rewritten rewrite_in_pieces(const Selectors& selectors, std::span<const Edit> edits, const std::string& page,
                            const RewriterOptions& options, std::size_t piece = static_cast<std::size_t>(-1)) {
  return testing::rewrite(
      selectors, edits, page, [piece] { return piece; }, {}, options);
}

constexpr const char* selector_list[] = {"ul", "div", "body", "table", "tr",  "html", "section", "#s",
                                         "li", "p",   "b",    "td",    "svg", "*",    "select",  "li:last-child"};
constexpr Operation others[] = {Operation::before, Operation::append,  Operation::after,        Operation::inner,
                                Operation::remove, Operation::replace, Operation::set_attribute};

TEST(SplicedReorder, IsWhatTheRewriterWritesWhateverElseIsEdited) {
  const unsigned seed = 20261122;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int done = 0, refused = 0, moved = 0;
  for (int round = 0; round < 2200; ++round) {
    Selectors selectors;
    for (int i = 0; i < 5; ++i) ASSERT_FALSE(selectors.add(selector_list[random() % std::size(selector_list)]));
    const std::string page = random_page(random);
    const RewriterOptions options{.max_held_element = random() % 3 == 0 ? random() % 300 : 10'000};
    const SlotId sorted[] = {0, 1, 4};
    const std::string plan = record_plan(selectors, page, options, TagSource::body, sorted);
    const std::string plan_without_body = record_plan(selectors, page, options, TagSource::plan, sorted);
    for (int visit = 0; visit < 4; ++visit) {
      std::vector<Edit> edits;
      for (SlotId slot : sorted) {
        if (random() % 2 == 0) edits.push_back(reorder(slot, orders[random() % std::size(orders)]));
      }
      const bool only_reorders = random() % 3 == 0;
      for (int i = 0; i < 3 && !only_reorders; ++i) {
        edits.push_back({.slot = static_cast<SlotId>(random() % 5),
                         .operation = others[random() % std::size(others)],
                         .content = random() % 2 ? "<i>new</i>" : "new",
                         .name = "k",
                         .value = "2"});
        if (edits.back().operation >= Operation::remove) edits.back().content = {};
      }
      const Spliced spliced = splice(plan, selectors, page, edits, options);
      const Spliced unread = splice(plan_without_body, selectors, page, edits, options);
      ++(spliced.done ? done : refused);
      ASSERT_EQ(unread.done, spliced.done);
      ASSERT_TRUE(spliced.done || !only_reorders) << page;
      if (!spliced.done) continue;
      const Rewritten streamed = rewrite_in_pieces(selectors, edits, page, options, 1 + random() % 200);
      expect_equal(spliced, streamed, page);
      expect_equal(unread, streamed, page);
      if (HasFatalFailure()) return;
      moved += only_reorders && spliced.html != page;
    }
  }
  EXPECT_GT(done, 8 * refused);  // elements that end together are edited, too
  EXPECT_GT(moved, 100);
}

TEST(SplicedReorder, MovesSlicesOfThePageAndWritesMissingEndTags) {
  const Selectors selectors = select({"ul"});
  const std::string page = "<main><ul> <li k=b>two<li k=a>one</li>\n<li>none</ul></main>";
  const std::vector<Edit> edits{reorder(0)};
  const Spliced spliced = splice(record_plan(selectors, page, {}, TagSource::body, first), selectors, page, edits);
  ASSERT_TRUE(spliced.done);
  EXPECT_EQ(spliced.html, "<main><ul> <li k=a>one</li><li k=b>two</li>\n<li>none</li></ul></main>");
  expect_equal(spliced, rewrite_in_pieces(selectors, edits, page, {}), page);
}

TEST(SplicedReorder, IsRefusedWhereThePlanDoesNotKnowTheChildren) {
  const Selectors selectors = select({"ul", "ol"});
  const std::vector<Edit> edits{reorder(1)};
  for (const char* page : {"<ol><li k=b>2<li k=a>1</ol>", "<ul><li>1</ul>"}) {
    const std::string plan = record_plan(selectors, page, {}, TagSource::body, first);
    EXPECT_EQ(splice(plan, selectors, page, edits).done, std::string(page).find("<ol>") == std::string::npos);
  }
}

TEST(SplicedReorder, OfAThousandChildrenIsRefusedAndNothingElseIs) {
  const Selectors selectors = select({"ul", "h1"});
  std::string page = "<ul><li k=b><li k=a></ul><h1>x</h1><ul>";
  for (int i = 0; i < 10'000; ++i) page += "<li k=a>";
  page += "</ul>";
  const std::string plan = record_plan(selectors, page, {}, TagSource::body, first);
  EXPECT_LT(plan.size(), 150'000u);
  EXPECT_FALSE(splice(plan, selectors, page, std::vector{reorder(0)}).done);
  const std::vector<Edit> edits{{.slot = 1, .content = "new"},
                                {.slot = 0, .operation = Operation::append, .content = "z"}};
  const Spliced spliced = splice(plan, selectors, page, edits);
  ASSERT_TRUE(spliced.done);
  expect_equal(spliced, rewrite_in_pieces(selectors, edits, page, {}), page);
}

TEST(SplicedReorder, LeavesThePlanAsItIsForSlotsThatNothingSorts) {
  const Selectors selectors = select({"ul"});
  const std::string page = "<ul><li>1<li>2<li>3</ul>";
  EXPECT_LT(record_plan(selectors, page).size(), record_plan(selectors, page, {}, TagSource::body, first).size());
}

}  // namespace
}  // namespace personalize::html::testing
