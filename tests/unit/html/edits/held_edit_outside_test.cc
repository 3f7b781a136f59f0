// Edits of elements in which something outside them is closed, or goes on after them.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/html/random_page.h"
#include "tests/unit/html/splicing/splicing.h"

namespace personalize::html::testing {
namespace {

/// What becomes of a page, however it is cut, and from its plan.
Rewritten edit_all_ways(const Selectors& selectors, std::span<const Edit> edits, const std::string& page,
                        const RewriterOptions& options = {}) {
  const auto in_pieces = [&](std::size_t size) {
    return rewrite(
        selectors, edits, page, [size] { return size; }, {}, options);
  };
  Rewritten whole = in_pieces(page.size());
  for (const std::size_t size : {1, 3, 8, 50}) {
    const Rewritten cut = in_pieces(size);
    EXPECT_EQ(cut.html, whole.html) << size;
    for (std::size_t i = 0; i < edits.size(); ++i) EXPECT_EQ(cut.results[i].reason, whole.results[i].reason) << page;
  }
  const Spliced spliced = splice(record_plan(selectors, page, options), selectors, page, edits, options);
  if (spliced.done) expect_equal(spliced, whole, page);
  return whole;
}

Rewritten edit(const std::string& page, Operation operation, const RewriterOptions& options = {}) {
  Selectors selectors;
  EXPECT_FALSE(selectors.add("#t"));
  const std::vector<Edit> edits{{.operation = operation, .content = operation == Operation::remove ? "" : "new"}};
  return edit_all_ways(selectors, edits, page, options);
}

/// None of these operations is applied to `#t`.
void expect_refused(const std::string& page, std::initializer_list<Operation> operations) {
  for (const Operation operation : operations) {
    const Rewritten result = edit(page, operation);
    EXPECT_EQ(result.html, page) << to_string(operation);
    EXPECT_EQ(result.results[0].matches, 1u) << page;
    EXPECT_EQ(result.results[0].reason, Skip::unsafe_region) << to_string(operation) << "\n" << page;
  }
}

constexpr std::initializer_list<Operation> drops = {Operation::inner, Operation::replace, Operation::remove};

std::string element(const std::string& name, const std::string& attributes, const std::string& content) {
  return "<" + name + attributes + ">" + content + "</" + name + ">";
}

TEST(HeldEdit, IsNotMadeWhereAnEndTagInsideClosesALinkAroundIt) {
  for (const std::string formatting :
       {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}) {
    for (const std::string block : {"div", "p", "ul", "h2", "address", "details", "li", "dd", "button", "section"}) {
      const std::string end = "</" + formatting + ">";
      expect_refused("<" + formatting + ">1" + element(block, " id=t", "2" + end + "3") + "<p>4</p>",
                     {Operation::inner, Operation::replace, Operation::remove, Operation::prepend, Operation::before});
      const std::string tidy = element(formatting, "", "1" + element(block, " id=t", "2"));
      EXPECT_EQ(edit(tidy, Operation::inner).html, element(formatting, "", "1" + element(block, " id=t", "new")));
      EXPECT_EQ(edit(tidy, Operation::replace).html, element(formatting, "", "1new"));
      EXPECT_EQ(edit(tidy, Operation::prepend).html, element(formatting, "", "1" + element(block, " id=t", "new2")));
    }
  }
  expect_refused("<a>1<div id=t>2<a>3</a></div><p>4", drops);  // a start tag closes the link
  expect_refused("<nobr>1<div id=t>2<nobr>3</nobr></div><p>4", drops);
  expect_refused("<a>1<div><section id=t>2</a>3</section></div><p>4", drops);  // … around what the element is in
  expect_refused("<a>1<div id=t><p>2</a>3</p></div><p>4", drops);
  expect_refused("<a>1<i id=t>2<div>3</a>4</div></i>5", drops);  // the element is cloned
  expect_refused("<p><b>1</p><div id=t></b></div>2", drops);     // a closed one goes for good
}

TEST(HeldEdit, IsNotMadeWhereSomethingInsideGoesOnBehindTheElement) {
  expect_refused("<div id=t><b>1</div>2", drops);
  expect_refused("<p><i id=t>1</p>2", drops);
  expect_refused("<div id=t>1<b><p>2</b></p><i></div>3", drops);
  EXPECT_EQ(edit("<div id=t><b>1</div>", Operation::inner).html, "<div id=t><b>1</div>");
  EXPECT_EQ(edit("<div id=t><b>1", Operation::inner).html, "<div id=t>new");  // nothing follows
  EXPECT_EQ(edit("<table><tr><td id=t><b>1</td><td>2", Operation::inner).html,
            "<table><tr><td id=t>new</td><td>2");  // a cell keeps it in
  EXPECT_EQ(edit("<div id=t><b>1</b></div>2", Operation::inner).html, "<div id=t>new</div>2");
}

TEST(HeldEdit, IsNotMadeWhereItWouldChangeWhichFormIsOpen) {
  expect_refused("<form><div id=t>1</form>2</div><form>3</form>", drops);
  expect_refused("<div id=t><form>1</div><form>2</form>", drops);
  EXPECT_EQ(edit("<form><div id=t>1<form></div>2</form>", Operation::inner).html, "<form><div id=t>new</div>2</form>");
  EXPECT_EQ(edit("<div id=t><form>1</form></div><form>2</form>", Operation::inner).html,
            "<div id=t>new</div><form>2</form>");
}

TEST(HeldEdit, IsMadeWhereTheElementEndsBecauseOneAroundItDoes) {
  EXPECT_EQ(edit("<p>1<span id=t>2<div>3</div>", Operation::inner).html, "<p>1<span id=t>new<div>3</div>");
  EXPECT_EQ(edit("<p>1<span id=t>2</p>3", Operation::remove).html, "<p>1</p>3");
  EXPECT_EQ(edit("<ul><li id=t>1<li>2</ul>", Operation::replace).html, "<ul>new<li>2</ul>");
  EXPECT_EQ(edit("<a>1<span id=t>2</a>3", Operation::inner).html, "<a>1<span id=t>new</a>3");
  EXPECT_EQ(edit("<section><h2 id=t>1</h3>2</section>", Operation::inner).html,
            "<section><h2 id=t>new</h3>2</section>");
  EXPECT_EQ(edit("<div id=t>1</p>2</br>3</div>4", Operation::inner).html, "<div id=t>new</div>4");
}

TEST(HeldEdit, OfOneElementLeavesOthersAlone) {
  Selectors selectors;
  for (const char* selector : {"#t", "#t", "#u", "#v"}) ASSERT_FALSE(selectors.add(selector));
  const std::vector<Edit> edits{{.slot = 0, .operation = Operation::inner, .content = "new"},
                                {.slot = 1, .operation = Operation::append, .content = "end"},
                                {.slot = 2, .operation = Operation::prepend, .content = "u"},
                                {.slot = 3, .operation = Operation::inner, .content = "v"}};
  const Rewritten result =
      edit_all_ways(selectors, edits, "<p id=v>4</p><div id=u><div id=t>1<b id=v>2</b><i>3</div></div>5");
  EXPECT_EQ(result.html, "<p id=v>v</p><div id=u>u<div id=t>1<b id=v>2</b><i>3</div></div>5");
  EXPECT_EQ(result.results[0].reason, Skip::unsafe_region);
  EXPECT_EQ(result.results[1].reason, Skip::unsafe_region);
  EXPECT_EQ(result.results[2].reason, Skip::none);
  EXPECT_EQ(result.results[3].reason, Skip::inside_edit);
}

TEST(HeldEdit, OfALongElementIsMadeUnlessTheElementCouldBeMoved) {
  const RewriterOptions few{.max_held_element = 100};
  const std::string text(200, 'x'), page = "<div id=t>" + text + "</div>y";
  EXPECT_EQ(edit(page, Operation::inner, few).html, "<div id=t>new</div>y");
  EXPECT_EQ(edit(page, Operation::replace, few).html, "newy");
  EXPECT_EQ(edit(page, Operation::prepend, few).html, "<div id=t>new" + text + "</div>y");
  for (const Operation operation : {Operation::inner, Operation::replace, Operation::prepend, Operation::before}) {
    const Rewritten result = edit("<b>" + page, operation, few);
    EXPECT_EQ(result.html, "<b>" + page);
    EXPECT_EQ(result.results[0].reason, Skip::held_too_long);
  }
}

TEST(HeldEdit, KeepsNoMoreThanTheElementBack) {
  Selectors selectors;
  ASSERT_FALSE(selectors.add("#t"));
  const std::vector<Edit> edits{{.operation = Operation::inner, .content = "new"}};
  StringSink sink;
  Rewriter rewriter(selectors, edits, sink);
  rewriter.write("<p>1</p><div id=t>2");
  EXPECT_EQ(sink.text, "<p>1</p>");
  EXPECT_TRUE(rewriter.holding());
  rewriter.write("</div>3");
  EXPECT_EQ(sink.text, "<p>1</p><div id=t>new</div>3");
  EXPECT_FALSE(rewriter.holding());
}

TEST(HeldEdit, IsTheSameFromAPlanHoweverThePageIsCut) {
  const unsigned seed = 20261129;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr const char* selector_list[] = {"div",  "p", "b",      "a",     "li", "ul",
                                                  "span", "i", "button", "table", "*"};
  for (int round = 0; round < 700 && !HasFailure(); ++round) {
    const std::string page = "<a><b>" + random_page(random);
    Selectors selectors;
    for (int i = 0; i < 3; ++i) ASSERT_FALSE(selectors.add(selector_list[random() % std::size(selector_list)]));
    std::vector<Edit> edits;
    for (int i = 0; i < 3; ++i) {
      const auto operation = static_cast<Operation>(random() % 7);
      edits.push_back({.slot = static_cast<SlotId>(i),
                       .operation = operation,
                       .content = operation == Operation::remove ? "" : "<i>new</i>"});
    }
    edit_all_ways(selectors, edits, page, {.max_held_element = random() % 3 == 0 ? random() % 300 : 10'000});
  }
}

}  // namespace
}  // namespace personalize::html::testing
