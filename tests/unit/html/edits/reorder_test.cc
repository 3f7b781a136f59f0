#include <gtest/gtest.h>

#include <charconv>

#include "tests/unit/html/rewriting.h"

namespace personalize::html::testing {
namespace {

/// The attribute's value is the key.
class ByNumber : public ChildOrder {
 public:
  void describe(std::string&) const override {}
  std::int64_t key(std::string_view value) const override {
    std::int64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
  }
};

struct Reordered {
  std::string html;
  EditResult result;
};

Edit reorder_edit() {
  static const ByNumber order;
  Edit edit;
  edit.operation = Operation::reorder;
  edit.name = "k";
  edit.order = &order;
  return edit;
}

/// Sorts the children of what `selector` matches; the same however the page is cut.
Reordered reorder(std::string_view page, std::string_view selector = "#s", std::vector<Edit> more = {},
                  std::vector<std::string> more_selectors = {}, std::size_t budget = 256 * 1024) {
  Selectors selectors;
  EXPECT_FALSE(selectors.add(selector));
  std::vector<Edit> edits = {reorder_edit()};
  for (std::size_t i = 0; i < more.size(); ++i) {
    EXPECT_FALSE(selectors.add(more_selectors[i]));
    more[i].slot = static_cast<SlotId>(i + 1);
    edits.push_back(more[i]);
  }
  RewriterOptions options;
  options.max_held_element = budget;
  const Rewritten whole = rewrite(
      selectors, edits, page, [] { return 1u << 20; }, {}, options);
  for (std::size_t size = 1; size < 20; ++size) {
    const Rewritten cut = rewrite(
        selectors, edits, page, [size] { return size; }, {}, options);
    EXPECT_EQ(cut.html, whole.html) << "in pieces of " << size;
    EXPECT_EQ(cut.results[0].reason, whole.results[0].reason);
    EXPECT_EQ(cut.results[0].applied, whole.results[0].applied);
  }
  return {whole.html, whole.results[0]};
}

TEST(Reorder, SortsChildrenAndKeepsWhatIsBetween) {
  EXPECT_EQ(reorder("<main><ul id=s> <li k=3>c</li>\n<li k=1>a</li><!-- x --><li k=2>b</li> </ul></main>").html,
            "<main><ul id=s> <li k=1>a</li>\n<li k=2>b</li><!-- x --><li k=3>c</li> </ul></main>");
  EXPECT_EQ(reorder("<div id=s><img k=2><b k=1>x</b><br></div>").html, "<div id=s><b k=1>x</b><img k=2><br></div>");
}

TEST(Reorder, PutsChildrenWithoutKeyLastInTheirOrder) {
  EXPECT_EQ(reorder("<ul id=s><li>x</li><li k=2>b</li><li>y</li><li k=1>a</li></ul>").html,
            "<ul id=s><li k=1>a</li><li k=2>b</li><li>x</li><li>y</li></ul>");
  EXPECT_EQ(reorder("<ul id=s><li k=1>a</li><li k=1>b</li></ul>").html, "<ul id=s><li k=1>a</li><li k=1>b</li></ul>");
}

TEST(Reorder, ChildrenWithoutEndTagGetOne) {
  EXPECT_EQ(reorder("<div id=s><p k=2>b<p k=1>a</p>text</div><p>z").html,
            "<div id=s><p k=1>a</p><p k=2>b</p>text</div><p>z");
  EXPECT_EQ(reorder("<ul id=s><li k=2>b<li k=1>a</ul>").html, "<ul id=s><li k=1>a</li><li k=2>b</li></ul>");
  EXPECT_EQ(reorder("<body id=s><p k=2>b</p><p k=1>a</p><i>c</body></html>").html,
            "<body id=s><p k=1>a</p><p k=2>b</p><i>c</body></html></i>");
  EXPECT_EQ(reorder("<ul id=s><li k=2>b<li k=1>a").html, "<ul id=s><li k=1>a</li><li k=2>b</li>");
}

TEST(Reorder, LeavesAnElementAloneThatIsInOrder) {
  const Reordered result = reorder("<ul id=s><li k=1>a<li k=2>b</ul>");
  EXPECT_EQ(result.html, "<ul id=s><li k=1>a<li k=2>b</ul>");
  EXPECT_EQ(result.result.applied, 1u);
  EXPECT_EQ(reorder("<ul id=s></ul>").html, "<ul id=s></ul>");
}

TEST(Reorder, ComposesWithOtherEdits) {
  Edit append, before, inner;
  append.operation = Operation::append;
  append.content = "<i>end</i>";
  before.operation = Operation::before;
  before.content = "<i>in front</i>";
  inner.operation = Operation::inner;
  inner.content = "new";
  EXPECT_EQ(
      reorder("<div id=s><p k=2>b</p><p k=1>a</p></div>", "#s", {append, before, inner}, {"#s", "p[k='2']", "p[k='1']"})
          .html,
      "<div id=s><i>in front</i><p k=1>new</p><p k=2>b</p><i>end</i></div>");
}

TEST(Reorder, SortsInsideOfWhatIsSorted) {
  EXPECT_EQ(
      reorder("<div class=s><p k=2><i k=2>2</i><i k=1>1</i></p><p k=1><i k=4>4</i><i k=3>3</i></p></div>", ".s, p")
          .html,
      "<div class=s><p k=1><i k=3>3</i><i k=4>4</i></p><p k=2><i k=1>1</i><i k=2>2</i></p></div>");
}

TEST(Reorder, KeepsTheOrderOfAnElementThatIsTooLarge) {
  const std::string page = "<ul id=s><li k=2>" + std::string(300, 'x') + "</li><li k=1>a</li></ul><p>z</p>";
  const Reordered result = reorder(page, "#s", {}, {}, 256);
  EXPECT_EQ(result.html, page);
  EXPECT_EQ(result.result.reason, Skip::held_too_long);
  EXPECT_EQ(result.result.applied, 0u);
}

TEST(Reorder, SaysThatNoChildHasTheAttribute) {
  for (const char* page : {"<ul id=s><li>b<li>a</ul>", "<ul id=s></ul>", "<ul id=s>text<li><b k=1>c</b></ul>"}) {
    const Reordered result = reorder(page);
    EXPECT_EQ(result.html, page);
    EXPECT_EQ(result.result.reason, Skip::no_key) << page;
    EXPECT_EQ(result.result.applied, 0u);
  }
  EXPECT_EQ(reorder("<ul id=s><li>b<li k>a</ul>").result.applied, 1u);
}

TEST(Reorder, KeepsTheOrderWhereChildrenAreMoved) {
  const std::string page = "<div id=s><b k=2>x<p k=1>y</b>z</p></div>";
  const Reordered result = reorder(page);
  EXPECT_EQ(result.html, page);
  EXPECT_EQ(result.result.reason, Skip::unsafe_region);
}

}  // namespace
}  // namespace personalize::html::testing
