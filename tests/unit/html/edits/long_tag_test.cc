// Tags longer than what is held back: nothing is ever inserted into one, moved or left with a part of it.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/html/random_page.h"
#include "tests/unit/html/splicing/splicing.h"

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

/// What becomes of a page, however it is cut, and from its plan.
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

TEST(LongTag, InForeignContentCostsOnlyItself) {
  const std::string path = "<path d='" + long_value + "'/>";
  for (const std::string& drawing :
       {"<svg>" + path + "</svg>", "<svg><g>" + path + path + "</g></svg>", "<math><mi a='" + long_value + "'/></math>",
        "<svg><title a='" + long_value + "'/><style><g></style></svg>",
        "<svg><title a='" + long_value + "'><style><p id=x></style></title></svg>",
        "<svg><foreignObject a='" + long_value + "'><p>x</p></foreignObject></svg>", "<svg a='" + long_value + "'/>",
        "<svg a='" + long_value + "'><g></svg" + blanks + ">", "<math a='" + long_value + "'/>",
        "<svg><a href=" + long_value + "/>x</a></svg>", "<svg><script a='" + long_value + "'/></svg>",
        "<svg><g a='" + long_value + "'></g></svg>", "<svg><font color=red a='" + long_value + "'>x</font>",
        "<math><annotation-xml encoding=text/html a='" + long_value + "'><p>x</p></annotation-xml></math>"}) {
    const std::string page = "<body>" + drawing + "<p>old</p>";
    EXPECT_EQ(rewrite_all_ways("body > p", {.operation = Operation::inner, .content = "new"}, page).html,
              "<body>" + drawing + "<p>new</p>")
        << page;
  }
}

TEST(LongTag, WhoseUnknownAttributesDecideHowThePageGoesOnEndsAllEdits) {
  for (const std::string& start :
       {"<svg><font a='" + long_value + "' color=red>", "<math><annotation-xml a='" + long_value + "' encoding=x>",
        "<input a='" + long_value + "' type=hidden><frameset>"}) {
    const std::string page = start + "<p>x</p>";
    const Rewritten result = rewrite_all_ways("p", {.operation = Operation::inner, .content = "new"}, page);
    EXPECT_EQ(result.html, page);
    EXPECT_EQ(result.results[0].applied, 0u);
  }
  const std::string table = "<table><input a='" + long_value + "' type=hidden><tr><td>x</table>";
  EXPECT_EQ(rewrite_all_ways("td", {.operation = Operation::inner, .content = "new"}, table).html, table);
  const std::string bold = "<b a='" + long_value + "'>", three = bold + bold + bold;
  EXPECT_EQ(rewrite_all_ways("i", {.operation = Operation::inner, .content = "new"}, three + "<i>x</i>").html,
            three + "<i>new</i>");
  const std::string four = three + bold + "<i>x</i>";
  EXPECT_EQ(rewrite_all_ways("i", {.operation = Operation::inner, .content = "new"}, four).html, four);
}

TEST(LongTag, IsNamedByItsNameAndItsFirstAttributes) {
  const std::string form = "<form id=f class='a b' hidden data-x='" + long_value + "' data-y=1>",
                    page = "<body><div>" + form + "<p>x</p></form><i>y</i></div>";
  const auto applied = [&page](const char* selector) {
    const Rewritten result = rewrite_all_ways(selector, {.operation = Operation::append, .content = "new"}, page);
    EXPECT_EQ(result.results[0].reason, result.results[0].applied == 0 ? Skip::no_match : Skip::none) << selector;
    return result.results[0].applied;
  };
  for (const char* selector : {"form",
                               "#f",
                               ".b",
                               "[hidden]",
                               "form#f.a",
                               "form > p",
                               "#f p",
                               "div > .a > p",
                               "form + i",
                               "#f ~ i",
                               "div > :nth-child(1)",
                               "form:nth-of-type(1)",
                               "form:not(.c)",
                               "form:first-child:has(p)",
                               "p:not(#g p)",
                               "form:not(:has(i))",
                               ":is(form, [data-y])",
                               "div:has(form)",
                               "div:has([data-y], i)",
                               "i:not(p + i)"})
    EXPECT_EQ(applied(selector), 1u) << selector;
  for (const char* selector :
       {"[data-x]", "[data-y]", "form:not([data-y])", "form:not([data-z])", "form:not([title=x], p)", "[data-y] p",
        "p:not([data-y] p)", "i:not([data-y] + i)", "i:not([data-y] ~ i)", "[data-y] ~ i", "div:not(:has([data-y]))",
        "div:has([data-y])", "div:not(:has(> [title]))", "p:lang(de)", "p:not(:lang(de))", "form:not(:not([data-y]))"})
    EXPECT_EQ(applied(selector), 0u) << selector;
}

TEST(LongTag, HasOnlyThoseAttributesThatAreCompleteBeforeTheLimit) {
  const auto matches = [](const char* selector, const std::string& start, const std::string& rest) {
    std::string tag = "<p " + std::string(100 - start.size() - 3, ' ') + start + rest;
    return rewrite_all_ways(selector, {.operation = Operation::inner, .content = "new"}, tag + long_value + ">x</p>")
        .results[0]
        .applied;
  };
  EXPECT_EQ(matches("[a]", "a b", "c"), 1u);
  EXPECT_EQ(matches("[b]", "a b", "c"), 0u);
  EXPECT_EQ(matches("[b]", "a b ", "c"), 0u);  // a `=` may follow
  EXPECT_EQ(matches("[b]", "a=b", " "), 0u);
  EXPECT_EQ(matches("[b]", "b /", "c"), 1u);
  EXPECT_EQ(matches("[b=x]", "b=x", "c"), 0u);
  EXPECT_EQ(matches("[b=x]", "b=x ", "c"), 1u);
  EXPECT_EQ(matches("[b=x]", "b='x'", "c"), 1u);
  EXPECT_EQ(matches("[b='']", "b=", "c "), 0u);
  EXPECT_EQ(matches("[b='x c']", "b='x ", "c' "), 0u);
  EXPECT_EQ(matches("[b]", "a='\" b='", "\" "), 0u);
}

TEST(LongTag, TakesContentBehindItsEnd) {
  const std::string tag = "<div a='" + long_value + "'>", page = tag + "old</div>";
  const auto edited = [&](Operation operation) {
    return rewrite_all_ways("div", {.operation = operation, .content = "new"}, page).html;
  };
  EXPECT_EQ(edited(Operation::prepend), tag + "newold</div>");
  EXPECT_EQ(edited(Operation::inner), tag + "new</div>");
  EXPECT_EQ(edited(Operation::append), tag + "oldnew</div>");
  EXPECT_EQ(edited(Operation::before), "new" + page);
  EXPECT_EQ(edited(Operation::after), page + "new");
  EXPECT_EQ(edited(Operation::replace), "new");
  const std::string text = "<svg><text a='" + long_value + "'>old</text>";
  EXPECT_EQ(rewrite_all_ways("text", {.operation = Operation::inner, .content = "new"}, text).html,
            "<svg><text a='" + long_value + "'>new</text>");
  const std::string closed = "<svg><text a='" + long_value + "'/>old</svg>";
  const Rewritten none = rewrite_all_ways("text", {.operation = Operation::inner, .content = "new"}, closed);
  EXPECT_EQ(none.html, closed);
  EXPECT_EQ(none.results[0].reason, Skip::void_element);
}

TEST(LongTag, InWhichThePageEndsHasNoContent) {
  const std::string page = "<p>x</p><div a='" + long_value;
  for (const Operation operation : {Operation::prepend, Operation::inner, Operation::append, Operation::after}) {
    const Rewritten result = rewrite_all_ways("div", {.operation = operation, .content = "new"}, page);
    EXPECT_EQ(result.html, page);
    EXPECT_EQ(result.results[0].reason, Skip::truncated);
  }
}

TEST(LongTag, IsReadAsTextWhereItsNameSaysSo) {
  for (const char* name : {"script", "style", "textarea", "title", "xmp", "iframe", "noscript"}) {
    const std::string element = "<" + std::string(name) + " a='" + long_value + "'><p>x</p></" + name + blanks + ">";
    EXPECT_EQ(rewrite_all_ways("p", {.operation = Operation::inner, .content = "new"}, element + "<p>old</p>").html,
              element + "<p>new</p>");
  }
}

TEST(LongTag, IsEditedWhereNoLaterAttributeCanMatter) {
  const std::string rest = " x='" + long_value + "'>y</p>";
  const auto edited = [&](const std::string& start, Edit edit) { return rewrite_all_ways("p", edit, start + rest); };
  const Edit set{.operation = Operation::set_attribute, .name = "k", .value = "v"};
  EXPECT_EQ(edited("<p", set).html, "<p k=\"v\"" + rest);
  EXPECT_EQ(edited("<p a", set).html, "<p a k=\"v\"" + rest);
  EXPECT_EQ(edited("<p k=1 k=2", set).html, "<p k=\"v\" k=2" + rest);
  EXPECT_EQ(edited("<p a='1'b=2", set).html, "<p a='1'b=2 k=\"v\"" + rest);
  const Edit add{.operation = Operation::add_class, .value = "v"};
  EXPECT_EQ(edited("<p class=c", add).html, "<p class=\"c v\"" + rest);
  EXPECT_EQ(edited("<p class=v", add).html, "<p class=v" + rest);
  EXPECT_EQ(edited("<p CLASS='v w'", {.operation = Operation::remove_class, .value = "w"}).html,
            "<p CLASS=\"v\"" + rest);
  for (const Edit& refused : {add, Edit{.operation = Operation::remove_class, .value = "w"},
                              Edit{.operation = Operation::remove_attribute, .name = "a"}}) {
    const Rewritten result = edited("<p a=1", refused);
    EXPECT_EQ(result.html, "<p a=1" + rest);
    EXPECT_EQ(result.results[0].reason, Skip::held_too_long);
  }
}

TEST(LongTag, DoctypeIsNoTagHoweverThePageIsCut) {
  const std::string page = "<!doctype html" + blanks + "><p>old</p>";
  EXPECT_EQ(rewrite_all_ways("p", {.operation = Operation::inner, .content = "new"}, page).html,
            "<!doctype html" + blanks + "><p>new</p>");
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
                                   "<g k=1 d='" + long_value + "'/>",
                                   "<b k=1 d='" + long_value + "'>",
                                   "<svg d='" + long_value + "'>",
                                   "<svg d='" + long_value + "'/>",
                                   "<table class='" + long_value + "'>",
                                   "<input a='" + long_value + "' type=hidden>",
                                   "<textarea d='" + long_value + "'>",
                                   "<font d='" + long_value + "' color=x>",
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
