// Edits that turn out wrong when their element ends.
#include <gtest/gtest.h>

#include "tests/unit/html/splicing/splicing.h"

namespace personalize::html {
namespace {

using testing::rewrite;
using testing::Rewritten;

struct Wish {
  std::string_view selector;
  Operation operation;
  std::string_view content = {};
};

/// Edits a page, whole, in pieces and from a plan, all of which must give the same.
Rewritten run(const std::string& page, const std::vector<Wish>& wishes, const RewriterOptions& options = {}) {
  Selectors selectors;
  std::vector<Edit> edits;
  for (const Wish& wish : wishes) {
    EXPECT_FALSE(selectors.add(wish.selector)) << wish.selector;
    edits.push_back({static_cast<SlotId>(edits.size()), wish.operation, wish.content, {}, {}, nullptr});
  }
  const auto in_pieces = [&](std::size_t size) {
    return rewrite(
        selectors, edits, page, [size] { return size; }, {}, options);
  };
  Rewritten whole = in_pieces(page.size() + 1);
  for (std::size_t size : {1, 2, 7}) EXPECT_EQ(in_pieces(size).html, whole.html) << page;
  for (TagSource source : {TagSource::body, TagSource::plan}) {
    const std::string plan = record_plan(selectors, page, options, source);
    const testing::Spliced spliced = testing::splice(plan, selectors, page, edits, options);
    if (spliced.done) testing::expect_equal(spliced, whole, page);
  }
  return whole;
}

void expect_untouched(const std::string& page, const Wish& wish) {
  const Rewritten rewritten = run(page, {wish});
  EXPECT_EQ(rewritten.html, page);
  EXPECT_EQ(rewritten.results[0].matches, 1u) << page;
  EXPECT_EQ(rewritten.results[0].applied, 0u) << page;
  EXPECT_EQ(rewritten.results[0].reason, Skip::unsafe_region) << page;
}

const std::vector<Wish> drops = {
    {"#x", Operation::inner, "new"}, {"#x", Operation::replace, "new"}, {"#x", Operation::remove}};

TEST(HeldEdit, IsNotMadeWhereAnEndTagInsideClosesWhatWasOpenedOutside) {
  for (std::string tag : {"a", "b", "strong", "em", "i", "nobr", "font"}) {
    const std::string page = "<body><" + tag + "><img><div id=x>old</" + tag + "></div><p>rest</p></body>";
    for (const Wish& wish : drops) expect_untouched(page, wish);
    expect_untouched(page, {"#x", Operation::prepend, "new"});
    expect_untouched(page, {"#x", Operation::before, "<b>new</b>"});
  }
}

TEST(HeldEdit, IsNotMadeWhereAFormattingElementInsideIsOpenedAgainAfterwards) {
  for (const Wish& wish : drops) {
    expect_untouched("<body><div id=x>a<b>b</div>c</body>", wish);
    expect_untouched("<body><ul><li id=x><i>b<li>c</ul></body>", wish);
  }
}

TEST(HeldEdit, IsNotMadeWhereAFormBeginsOrEndsInside) {
  for (const Wish& wish : drops) {
    expect_untouched("<body><form><div id=x>a</form></div><input></body>", wish);
    expect_untouched("<body><div id=x><form></div><form><input></form></body>", wish);
  }
}

TEST(HeldEdit, IsNotMadeWhereASecondBodyOrHtmlTagInsideGivesTheFirstOneAttributes) {
  for (const Wish& wish : drops) {
    expect_untouched("<body><div id=x>a<body class=home>b</div></body>", wish);
    expect_untouched("<body><div id=x>a<html lang=de>b</div></body>", wish);
  }
  EXPECT_EQ(run("<body><div id=x>a<body>b</div>", {{"#x", Operation::inner, "n"}}).html, "<body><div id=x>n</div>");
}

TEST(HeldEdit, IsNotMadeOfATableWithContentThatBrowsersPutInFrontOfIt) {
  for (const char* stray : {"text", "<p>text</p>", "<tr>text<td>c"}) {
    const std::string page = "<body><p>a</p><table id=x>" + std::string(stray) + "<tr><td>c</table>b</body>";
    for (const Wish& wish : drops)
      expect_untouched(page, {wish.selector, wish.operation, wish.content.empty() ? "" : "<tr>"});
    expect_untouched(page, {"#x", Operation::before, "<p>new</p>"});
  }
}

TEST(HeldEdit, KeepsWhatFollowsTheEndTagOfTheBodyOutOfItAndCommentsIn) {
  EXPECT_EQ(run("<body>a</body><!--c--><p>late</p>", {{"body", Operation::inner, "n"}}).html, "<body>n</body><!--c-->");
  EXPECT_EQ(run("<body>a</body>late</body>\n</html><!--c-->", {{"body", Operation::inner, "n"}}).html,
            "<body>n</body></body>\n</html><!--c-->");
  EXPECT_EQ(run("<body>a</body>\n<p>late", {{"body", Operation::append, "n"}}).html, "<body>an</body>\n<p>late");
}

TEST(HeldEdit, IsMadeWhereNothingInsideReachesOut) {
  const std::string page =
      "<body><a href=/p><div id=x>a <b>b</b><form><i>c</i></form><table><tr><td>d</table></div></a>e</body>";
  EXPECT_EQ(run(page, {{"#x", Operation::inner, "n"}}).html, "<body><a href=/p><div id=x>n</div></a>e</body>");
  EXPECT_EQ(run(page, {{"#x", Operation::replace, "n"}}).html, "<body><a href=/p>n</a>e</body>");
  EXPECT_EQ(run(page, {{"#x", Operation::before, "n"}, {"#x", Operation::remove}}).html,
            "<body><a href=/p>n</a>e</body>");
}

TEST(HeldEdit, ThatIsTakenBackLeavesOtherEditsOfTheElement) {
  const std::string page = "<body><div id=x>a<b>b</div>c</body>";
  const std::vector<Wish> wishes = {{"#x", Operation::before, "1"},
                                    {"#x", Operation::prepend, "2"},
                                    {"#x", Operation::inner, "3"},
                                    {"#x", Operation::after, "<hr>"}};
  EXPECT_EQ(run(page, wishes).html, "<body>1<div id=x>2a<b>b</div><hr>c</body>");
  EXPECT_EQ(run(page, {{"#x", Operation::before, "1"}, {"#x", Operation::replace, "3"}}).html,
            "<body>1<div id=x>a<b>b</div>c</body>");
}

TEST(HeldEdit, IsMadeAtOnceIfTheElementIsLongerThanWhatMayBeHeld) {
  const std::string page = "<body><div id=x>" + std::string(5000, 'a') + "</div>c</body>";
  RewriterOptions options;
  options.max_held_element = 1000;
  EXPECT_EQ(run(page, {{"#x", Operation::inner, "n"}}, options).html, "<body><div id=x>n</div>c</body>");
  EXPECT_EQ(run(page, {{"#x", Operation::remove}}, options).html, "<body>c</body>");
  EXPECT_LT(run(page + page + page, {{"div", Operation::inner, "n"}}, options).max_memory, 40'000u);
}

TEST(HeldEdit, WritesTheTagsThatTheElementImpliedWhereItsReplacementWouldNotImplyThem) {
  EXPECT_EQ(run("<title>t</title><p id=x>a</p> <style></style>", {{"#x", Operation::remove}}).html,
            "<title>t</title></head><body> <style></style>");
  EXPECT_EQ(run("<!doctype html><p id=x>a</p>", {{"#x", Operation::before, "<script>1</script>"}}).html,
            "<!doctype html><body><script>1</script><p id=x>a</p>");
  EXPECT_EQ(run("<body><table><tr id=x><td>a</table>", {{"#x", Operation::before, "<script>1</script>"}}).html,
            "<body><table><tbody><script>1</script><tr id=x><td>a</table>");
  EXPECT_EQ(run("<body><table><tr id=x><td>a</table>", {{"#x", Operation::before, "<tr><td>n</td></tr>"}}).html,
            "<body><table><tr><td>n</td></tr><tr id=x><td>a</table>");
}

TEST(HeldEdit, IsNotMadeWhereTheTagOpensFormattingElementsAgainAndTheContentWouldNot) {
  const std::string page = "<body><p><b>1</p><span id=x>2</span></body>";
  expect_untouched(page, {"#x", Operation::remove});
  expect_untouched(page, {"#x", Operation::before, "<div>n</div>"});
  EXPECT_EQ(run(page, {{"#x", Operation::before, "n"}}).html, "<body><p><b>1</p>n<span id=x>2</span></body>");
}

TEST(HeldEdit, IsNotMadeWhereAHeadingEndsByTheEndTagOfAnotherOneThatIsAroundIt) {
  for (const Wish& wish : drops) expect_untouched("<body><h1>1<div><h2 id=x>2</h3>3</div></h1></body>", wish);
  EXPECT_EQ(run("<body><h2 id=x>1</h3>2</body>", {{"#x", Operation::after, "n"}}).html,
            "<body><h2 id=x>1</h2>n</h3>2</body>");
}

TEST(HeldEdit, LeavesNoLineEndAtTheStartOfAPre) {
  for (const std::string tag : {"pre", "listing"}) {
    const std::string page = "<body><" + tag + "><b id=x>1</b>\n2</" + tag + "></body>";
    expect_untouched(page, {"#x", Operation::remove});
    expect_untouched(page, {"#x", Operation::before, "\nn"});
    EXPECT_EQ(run(page, {{"#x", Operation::replace, "n"}}).html, "<body><" + tag + ">n\n2</" + tag + "></body>");
  }
  EXPECT_EQ(run("<body><pre><i>1</i><b id=x>1</b>\n</pre>", {{"#x", Operation::remove}}).html,
            "<body><pre><i>1</i>\n</pre>");
}

TEST(HeldEdit, IsNotMadeAfterATableWhereAFormattingElementInFrontOfItWouldBeOpenedAgain) {
  for (const std::string cell : {"<caption>", "<tr><td>", "<tr><th>"})
    expect_untouched("<body><table id=x><tt>" + cell, {"#x", Operation::after, "n"});
  EXPECT_EQ(run("<body><table id=x><tr><td>", {{"#x", Operation::after, "n"}}).html,
            "<body><table id=x><tr><td></table>n");
}

TEST(ImpliedBody, IsAppendedToWhereItsAuthorEndedIt) {
  const std::string page =
      "<!doctype html><html><head><title>t</title><div>d</div><meta></head><body class=home><p>x</p></body></html>";
  const std::string end = "</body></html>";
  const std::string before_end = page.substr(0, page.size() - end.size());
  EXPECT_EQ(run(page, {{"body", Operation::append, "<i>n</i>"}}).html, before_end + "<i>n</i>" + end);
  EXPECT_EQ(run("<title>t</title> text", {{"body", Operation::append, "<p>n</p>"}}).html,
            "<title>t</title> text<p>n</p>");
  EXPECT_EQ(run("<p>a", {{"body", Operation::append, "n"}}).html, "<p>a</p>n");
  EXPECT_EQ(run("<title>t</title><p>a", {{"head", Operation::append, "<meta>"}}).html, "<title>t</title><meta><p>a");
}

TEST(ImpliedBody, HasNoTagForOtherOperations) {
  const std::string page = "<head><div>d</div></head><body class=home>x</body>";
  for (Operation operation : {Operation::prepend, Operation::inner, Operation::before, Operation::replace}) {
    const Rewritten rewritten = run(page, {{"body", operation, "n"}});
    EXPECT_EQ(rewritten.html, page);
    EXPECT_EQ(rewritten.results[0].matches, 1u);
    EXPECT_EQ(rewritten.results[0].reason, Skip::no_tag);
  }
  EXPECT_EQ(run("<div>d</div>", {{"head", Operation::append, "<meta>"}}).results[0].reason, Skip::no_tag);
}

TEST(OpenSelect, IsNotReachedThroughByTheEndTagsOfOthers) {
  const std::string page = "<body><div id=x><select><option>a";
  EXPECT_EQ(run(page, {{"#x", Operation::append, "<p>n</p>"}}).html, page + "</select><p>n</p>");
  expect_untouched(page, {"#x", Operation::after, "<p>n</p>"});
  const std::string twice = "<body><select id=x><option>a<select><p>b</body>";
  expect_untouched(twice, {"#x", Operation::after, "n"});
  expect_untouched(twice, {"#x", Operation::replace, "n"});
}

}  // namespace
}  // namespace personalize::html
