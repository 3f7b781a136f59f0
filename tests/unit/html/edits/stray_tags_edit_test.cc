// Edits of pages with tags and comments where no one would expect them.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/html/splicing/splicing.h"

namespace personalize::html::testing {
namespace {

/// What one edit of `selector` makes of a page; the same in pieces and from a plan.
Rewritten edit(const std::string& page, std::string_view selector, Operation operation, std::string_view content = {}) {
  Selectors selectors;
  EXPECT_FALSE(selectors.add(selector));
  const std::vector<Edit> edits{{.operation = operation, .content = content}};
  Rewritten whole = rewrite(selectors, edits, page);
  for (const std::size_t size : {1, 3, 8}) EXPECT_EQ(rewrite(selectors, edits, page, size).html, whole.html) << page;
  for (const TagSource source : {TagSource::body, TagSource::plan}) {
    const Spliced spliced = splice(record_plan(selectors, page, {}, source), selectors, page, edits);
    if (spliced.done) expect_equal(spliced, whole, page);
  }
  return whole;
}

void expect_refused(const std::string& page, std::string_view selector, Operation operation,
                    std::string_view content = {}) {
  const Rewritten result = edit(page, selector, operation, content);
  EXPECT_EQ(result.html, page) << to_string(operation);
  EXPECT_EQ(result.results[0].matches, 1u) << page;
  EXPECT_EQ(result.results[0].reason, Skip::unsafe_region) << to_string(operation) << "\n" << page;
}

TEST(StrayTags, ASecondBodyTagIsBackInTheBody) {
  const std::string start = "<body></body><body data-r=1>";
  EXPECT_EQ(edit(start + "<!--c-->", "body", Operation::inner, "<a>n</a>").html,
            "<body><a>n</a></body><body data-r=1>");
  EXPECT_EQ(edit(start + "<!--c--><p>", "body", Operation::inner, "n").html, "<body>n</body><body data-r=1>");
  EXPECT_EQ(edit("<body></body><!--c-->", "body", Operation::inner, "n").html, "<body>n</body><!--c-->");
  EXPECT_EQ(edit("<title>t</title><body></body><body data-r=0><html class=a>", "body", Operation::remove).html,
            "<title>t</title></head><html class=a>");
  EXPECT_EQ(edit("<html lang=en></html></title><html class=a>", "html", Operation::inner, "<!--n-->").html,
            "<html lang=en><!--n--><head></head><body></body></html><html class=a>");
  EXPECT_EQ(edit("<html lang=en></html><body class=a>", "html", Operation::inner, "<!--n-->").html,
            "<html lang=en><!--n--><head></head><body></body></html>");
}

TEST(StrayTags, ASecondEndTagOfABodyStaysBecauseCommentsAfterItAreInHtmlAgain) {
  EXPECT_EQ(edit("<link/><body class=a></body></html></body><!--c-->", "body", Operation::remove).html,
            "<link/></head></html></body><!--c-->");
  EXPECT_EQ(edit("<link/><body class=a></body></body><!--c-->", "body", Operation::remove).html,
            "<link/></head><!--c-->");
}

TEST(StrayTags, NothingIsAppendedToAHeadThatEndsWithinAText) {
  expect_refused("<head> x", "head", Operation::append, "<meta name=n>");
  EXPECT_EQ(edit("<head> <p>x", "head", Operation::append, "<meta name=n>").html, "<head> <meta name=n><p>x");
}

TEST(StrayTags, NothingCompletesACharacterReference) {
  for (const std::string begun : {"&", "&am", "x &#3", "&#x", "&#", "&copy", "<p>&not", "&frac1"}) {
    expect_refused(begun + "<b id=t>1</b>p; 8; in", "#t", Operation::remove);
    expect_refused(begun + "<b id=t>1</b>p;", "#t", Operation::before, "p;");
    expect_refused(begun + "<img id=t>p;", "#t", Operation::remove);
    expect_refused(begun + "<b id=t>1</b>p;", "#t", Operation::replace, "p;");
    expect_refused("<div>" + begun + "</div>x", "div", Operation::append, "p;<b>n</b>");
    EXPECT_EQ(edit(begun + "<b id=t></b>p;", "#t", Operation::before, " p;").html, begun + " p;<b id=t></b>p;");
    EXPECT_EQ(edit(begun + "<b id=t></b>p;", "#t", Operation::replace, "<i>n</i>").html, begun + "<i>n</i>p;");
    EXPECT_EQ(edit("<i>" + begun + "</i><b id=t></b>p;", "#t", Operation::remove).html, "<i>" + begun + "</i>p;");
  }
  for (const std::string text : {"&amp;", "a", "#3", "& am", "<i>am", "&-am", "&a;m"})
    EXPECT_EQ(edit(text + "<b id=t></b>p;", "#t", Operation::remove).html, text + "p;");
}

TEST(StrayTags, WhatIsAppendedStandsBehindABodyThatEndsAfterThePage) {
  EXPECT_EQ(edit("<body>1</html></body><p>2", "body", Operation::append, "<b>n</b>").html,
            "<body>1</html></body><p>2</p><b>n</b>");
  EXPECT_EQ(edit("<body>1</html></body>\n", "body", Operation::append, "<b>n</b>").html,
            "<body>1</html></body>\n<b>n</b>");
  EXPECT_EQ(edit("</body></form></html><h2>1", "body", Operation::append, "<b>n</b>").html,
            "</body></form></html><h2>1</h2><b>n</b>");
}

TEST(StrayTags, ABodyIsNotLeftOutWithACommentThatBelongsToThePage) {
  expect_refused("<html><body>1</html><!--c-->", "body", Operation::remove);
  expect_refused("<html><body>1</html><!--c-->", "body", Operation::inner, "new");
  expect_refused("<body>1</body><!--c-->", "body", Operation::remove);
  EXPECT_EQ(edit("<html><body>1</body><!--c-->", "body", Operation::remove).html, "<html><!--c-->");
  EXPECT_EQ(edit("<body>1</body>2</html><!--c-->", "body", Operation::inner, "new").html,
            "<body>new</body></html><!--c-->");
}

TEST(StrayTags, AttributesOfTheRootCountInWhatFollowsABodyThatIsLeftOut) {
  EXPECT_EQ(edit("<body>1</body>2<html class=a>3<p>4", "body", Operation::inner, "new").html,
            "<body>new</body><html class=a>");
  EXPECT_EQ(edit("<body><div>1</body>2<html class=a>3<p>4", "body", Operation::inner, "new").html,
            "<body>new</body><html class=a>");
}

TEST(StrayTags, NothingIsCertainAroundASearchThatOldParsersWouldEndEarlier) {
  expect_refused("<p><b><search id=t>1<search></b></search></p>", "#t", Operation::remove);
  expect_refused("<p><b><search id=t>1<search></b></search>2", "#t", Operation::after, "<h2>new</h2>");
  expect_refused("<search id=t><b><search></b></search>", "#t", Operation::append, "<b>new</b>");
}

TEST(StrayTags, AFormThatWasLeftOpenTakesNoEndTag) {
  expect_refused("<ul id=t><form><marquee></form></marquee>", "#t", Operation::append, "<li>new</li>");
}

TEST(StrayTags, NoFormIsPutIntoAnother) {
  for (const std::string around : {"object", "marquee", "applet"}) {
    expect_refused("<form><" + around + "></form><p id=t>", "#t", Operation::before, "<form><input></form>");
    expect_refused("<form><" + around + " id=t></form>", "#t", Operation::append, "<form><input></form>");
  }
  expect_refused("<form><template id=t><i></i></template>", "#t", Operation::append, "<form><input></form>");
}

TEST(StrayTags, AnElementIsNotRemovedWithTheEndOfAFormAroundIt) {
  expect_refused("<form><nav id=t></form>", "#t", Operation::remove);
  expect_refused("<form><nav id=t><p></form>", "#t", Operation::inner, "new");
}

TEST(StrayTags, ATableIsNotLeftOutWithAFormattingElementThatIsOpenedAgainInFrontOfIt) {
  expect_refused("<ul><nobr></ul><table id=t><big>", "#t", Operation::inner, "<caption>new</caption>");
  expect_refused("<figure><s></figure><table id=t><nobr>", "#t", Operation::remove);
}

TEST(StrayTags, NothingIsCertainInAColgroupThatTextEnds) {
  expect_refused("<table><colgroup id=t> z", "#t", Operation::replace, "<tbody><tr><td>new</tbody>");
  expect_refused("<table><colgroup id=t> z", "#t", Operation::after, "<style>n{}</style>");
  expect_refused("<table><colgroup id=t> z", "#t", Operation::append, "<col>");
}

TEST(StrayTags, NoCommentIsPutBesideWhatGoesIntoAHeadThatHasEnded) {
  for (const Operation operation : {Operation::before, Operation::after, Operation::replace}) {
    expect_refused("<head></head><template id=t></template><body>", "#t", operation, "<!--new-->");
    expect_refused("<head></head><template id=t></template><body>", "#t", operation, "<style></style><!--new-->");
  }
  EXPECT_EQ(edit("<head></head><template id=t></template><body>", "#t", Operation::remove).html, "<head></head><body>");
}

TEST(StrayTags, ARemovedElementJoinsNoLineEnds) {
  expect_refused("<div>\r<a id=t></a>\n</div>", "#t", Operation::remove);
  expect_refused("<body><p>1</p><img>\r<a id=t></a>\n</body>", "#t", Operation::remove);  // read in one go
  expect_refused("<div>\r<a id=t></a></div>", "#t", Operation::replace, "\nnew");
  EXPECT_EQ(edit("<div>\r\n<a id=t></a>\r\n</div>", "#t", Operation::remove).html, "<div>\r\n\r\n</div>");
  EXPECT_EQ(edit("<div>\r<a id=t></a>\n</div>", "#t", Operation::before, "new").html, "<div>\rnew<a id=t></a>\n</div>");
}

}  // namespace
}  // namespace personalize::html::testing
