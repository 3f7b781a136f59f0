// Tags longer than what is held back: nothing is ever put into the middle of one, moved or left behind with a part of
// it.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/html/random_page.h"
#include "tests/unit/html/splicing.h"

namespace personalize::html::testing {
namespace {

constexpr RewriterOptions few_bytes{.max_held_token = 100};
const std::string long_value(150, 'x');
const std::string blanks(150, ' ');

class ByFirstCharacter : public ChildOrder {
 public:
  std::int64_t key(std::string_view value) const override { return value.empty() ? 0 : value[0]; }
  void describe(std::string&) const override {}
};
const ByFirstCharacter order;
constexpr SlotId sorted[] = {0};

/// What is made of a page, whatever it is cut into, and from its plan.
Rewritten rewrite_all_ways(const Selectors& selectors, std::span<const Edit> edits, const std::string& page) {
  const auto in_pieces = [&](std::size_t size) {
    return rewrite(
        selectors, edits, page, [size] { return size; }, {}, few_bytes);
  };
  Rewritten whole = in_pieces(page.size());
  for (const std::size_t size : {1, 7, 40, 99, 130}) {
    const Rewritten cut = in_pieces(size);
    EXPECT_EQ(cut.html, whole.html) << size;
    for (std::size_t i = 0; i < edits.size(); ++i) {
      EXPECT_EQ(cut.results[i].applied, whole.results[i].applied) << page;
      EXPECT_EQ(cut.results[i].reason, whole.results[i].reason) << page;
    }
  }
  for (const TagSource tags : {TagSource::body, TagSource::plan}) {
    const std::string plan = record_plan(selectors, page, few_bytes, tags, sorted);
    if (const Spliced spliced = splice(plan, selectors, page, edits, few_bytes); spliced.done)
      expect_equal(spliced, whole, page);
  }
  return whole;
}

Rewritten rewrite_all_ways(const char* selector, Edit edit, const std::string& page) {
  Selectors selectors;
  EXPECT_FALSE(selectors.add(selector));
  const std::vector<Edit> edits{edit};
  return rewrite_all_ways(selectors, edits, page);
}

TEST(LongTag, OfAChildWithoutContentMovesAsAWhole) {
  const std::string image = "<img src='" + long_value + "'>";
  EXPECT_EQ(rewrite_all_ways("p", {.operation = Operation::reorder, .name = "k", .order = &order},
                             "<p>" + image + "<b k=1>one</b>" + image + "</p>")
                .html,
            "<p><b k=1>one</b>" + image + image + "</p>");
}

TEST(LongTag, ThatEndsAnElementIsInFrontOfWhatComesBehindIt) {
  const std::string end = "</div" + blanks + ">";
  EXPECT_EQ(
      rewrite_all_ways("i", {.operation = Operation::after, .content = "new"}, "<i>x</i" + blanks + "><b>y</b>").html,
      "<i>x</i" + blanks + ">new<b>y</b>");
  EXPECT_EQ(rewrite_all_ways("div", {.operation = Operation::append, .content = "new"}, "<div>x" + end).html,
            "<div>xnew" + end);
}

TEST(LongTag, ThatEndsAnElementGoesWithIt) {
  for (const Operation operation : {Operation::replace, Operation::remove}) {
    const Edit edit{.operation = operation, .content = operation == Operation::replace ? "new" : ""};
    EXPECT_EQ(rewrite_all_ways("div", edit, "<p>a</p><div>x</div" + blanks + "></><p>b").html,
              "<p>a</p>" + std::string(edit.content) + "</><p>b");
  }
}

TEST(LongTag, InWhichThePageEndsHasNothingBehindIt) {
  const std::string page = "<main><div>x</div" + blanks;
  const Rewritten after = rewrite_all_ways("div", {.operation = Operation::after, .content = "new"}, page);
  EXPECT_EQ(after.html, page);
  EXPECT_EQ(after.results[0].reason, Skip::truncated);
  EXPECT_EQ(rewrite_all_ways("div", {.operation = Operation::replace, .content = "new"}, page).html, "<main>new");
}

TEST(LongTag, MakesNoDifferenceToHowAPageIsCut) {
  const unsigned seed = 20261123;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr const char* selector_list[] = {"ul",         "div",           "li", "p", "b", "*",
                                                  "div:has(b)", "li:last-child", "img"};
  const std::string long_tags[] = {"<img k=1 alt='" + long_value + "'>",
                                   "<img alt='" + long_value + "' k=2>",
                                   "</div" + blanks + ">",
                                   "</li" + blanks + ">",
                                   "</ul" + blanks + ">",
                                   "<li k=0 title='" + long_value + "'>",
                                   "<div" + blanks + "k=1>",
                                   "</p" + blanks + ">"};
  for (int round = 0; round < 600 && !HasFailure(); ++round) {
    std::string page = random_page(random);
    for (unsigned i = 1 + random() % 6; i > 0; --i) {
      const std::size_t at = page.find('<', random() % page.size());
      page.insert(at == page.npos ? 0 : at, long_tags[random() % std::size(long_tags)]);
    }
    if (random() % 5 == 0) page.resize(page.size() - random() % std::min<std::size_t>(page.size(), 160));
    Selectors selectors;
    for (int i = 0; i < 3; ++i) ASSERT_FALSE(selectors.add(selector_list[random() % std::size(selector_list)]));
    std::vector<Edit> edits{{.operation = Operation::reorder, .name = "k", .order = &order}};
    for (int i = 0; i < 3; ++i) {
      const auto operation = static_cast<Operation>(random() % 7);
      edits.push_back({.slot = static_cast<SlotId>(random() % 3),
                       .operation = operation,
                       .content = operation == Operation::remove ? "" : "<i>new</i>"});
    }
    if (random() % 2 == 0) edits.erase(edits.begin());
    rewrite_all_ways(selectors, edits, page);
  }
}

}  // namespace
}  // namespace personalize::html::testing
