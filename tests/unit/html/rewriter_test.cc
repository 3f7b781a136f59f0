#include "html/rewriter.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "tests/unit/html/rewriting.h"

namespace personalize::html {
namespace {

using testing::rewrite;
using testing::Rewritten;

struct NamedWish {
  std::string selector;
  Operation operation;
  std::string content;  // or value
  std::string name = {};
};

Rewritten run(std::string_view page, const std::vector<NamedWish>& wishes, std::size_t piece = 1 << 20) {
  Selectors selectors;
  std::vector<Edit> edits;
  for (const NamedWish& wish : wishes) {
    EXPECT_FALSE(selectors.add(wish.selector)) << wish.selector;
    edits.push_back(
        {static_cast<SlotId>(edits.size()), wish.operation, wish.content, wish.name, wish.content, nullptr});
  }
  return rewrite(selectors, edits, page, piece);
}

std::string after(std::string_view page, const std::vector<NamedWish>& wishes) { return run(page, wishes).html; }

Skip why(std::string_view page, const std::vector<NamedWish>& wishes) {
  const Rewritten rewritten = run(page, wishes);
  return rewritten.results.back().reason;
}

TEST(Rewriter, DoesEveryOperation) {
  const std::string page = "<div id=x class=a>old</div>";
  EXPECT_EQ(after(page, {{"#x", Operation::before, "<b>n</b>"}}), "<b>n</b>" + page);
  EXPECT_EQ(after(page, {{"#x", Operation::prepend, "n"}}), "<div id=x class=a>nold</div>");
  EXPECT_EQ(after(page, {{"#x", Operation::append, "n"}}), "<div id=x class=a>oldn</div>");
  EXPECT_EQ(after(page, {{"#x", Operation::after, "n"}}), page + "n");
  EXPECT_EQ(after(page, {{"#x", Operation::inner, "n"}}), "<div id=x class=a>n</div>");
  EXPECT_EQ(after(page, {{"#x", Operation::replace, "n"}}), "n");
  EXPECT_EQ(after(page, {{"#x", Operation::remove, ""}}), "<body>");  // it implied that what follows is in the body
  EXPECT_EQ(after(page, {{"#x", Operation::set_attribute, "v", "data-a"}}), "<div id=x class=a data-a=\"v\">old</div>");
  EXPECT_EQ(after(page, {{"#x", Operation::remove_attribute, "", "class"}}), "<div id=x>old</div>");
  EXPECT_EQ(after(page, {{"#x", Operation::add_class, "b"}}), "<div id=x class=\"a b\">old</div>");
  EXPECT_EQ(after(page, {{"#x", Operation::remove_class, "a"}}), "<div id=x class=\"\">old</div>");
}

TEST(Rewriter, EditsOfOneElementComposeAsDocumented) {
  EXPECT_EQ(after("<p id=x>o</p>", {{"#x", Operation::append, "3"},
                                    {"#x", Operation::prepend, "1"},
                                    {"#x", Operation::before, "a"},
                                    {"#x", Operation::inner, "lost"},
                                    {"#x", Operation::prepend, "2"},
                                    {"#x", Operation::inner, "i"},
                                    {"#x", Operation::append, "4"},
                                    {"#x", Operation::before, "b"},
                                    {"#x", Operation::after, "c"},
                                    {"#x", Operation::after, "d"}}),
            "ab<p id=x>12i34</p>cd");
  EXPECT_EQ(after("<p id=x>o</p>", {{"#x", Operation::replace, "1"},
                                    {"#x", Operation::inner, "i"},
                                    {"#x", Operation::before, "a"},
                                    {"#x", Operation::after, "z"},
                                    {"#x", Operation::replace, "2"}}),
            "a2z");
}

TEST(Rewriter, ElementsEndWhereABrowserEndsThem) {
  const std::string list = "<ul><li id=a>1<li id=b>2<li id=c>3</ul>";
  EXPECT_EQ(after(list, {{"#b", Operation::inner, "N"}}), "<ul><li id=a>1<li id=b>N<li id=c>3</ul>");
  EXPECT_EQ(after(list, {{"#b", Operation::after, "<li>N</li>"}}),
            "<ul><li id=a>1<li id=b>2</li><li>N</li><li id=c>3</ul>");
  EXPECT_EQ(after(list, {{"#b", Operation::before, "<li>N</li>"}}),
            "<ul><li id=a>1</li><li>N</li><li id=b>2<li id=c>3</ul>");
  EXPECT_EQ(after(list, {{"#b", Operation::remove, ""}}), "<ul><li id=a>1</li><li id=c>3</ul>");
  EXPECT_EQ(after("<body><div>x", {{"body", Operation::append, "<p>e</p>"}}), "<body><div>x</div><p>e</p>");
  EXPECT_EQ(after("<body><div>x</div></body></html>", {{"body", Operation::append, "e"}}),
            "<body><div>x</div>e</body></html>");
  // `</body>` ends nothing that is open in it: what comes after it is still in the body.
  EXPECT_EQ(after("<body><p>x</body></html>", {{"body", Operation::append, "<i>e</i>"}}),
            "<body><p>x</body></html></p><i>e</i>");
}

TEST(Rewriter, TextMayComeBeforeAnyTag) {
  for (const std::size_t piece : {1, 100}) {
    EXPECT_EQ(run("a < b<p id=x>c", {{"#x", Operation::inner, "n"}}, piece).html, "a < b<p id=x>n");
  }
}

TEST(Rewriter, SaysWhyAnEditWasNotMade) {
  EXPECT_EQ(why("<p>", {{"#x", Operation::inner, "n"}}), Skip::no_match);
  EXPECT_EQ(why("<br id=x>", {{"#x", Operation::inner, "n"}}), Skip::void_element);
  EXPECT_EQ(why("<script id=x></script>", {{"#x", Operation::inner, "n"}}), Skip::raw_text);
  EXPECT_EQ(why("<svg><g id=x></g></svg>", {{"#x", Operation::inner, "<p>n</p>"}}), Skip::foreign);
  EXPECT_EQ(why("<div><p id=x></p></div>", {{"div", Operation::inner, "n"}, {"#x", Operation::inner, "n"}}),
            Skip::inside_edit);
  EXPECT_EQ(why("<select><div></div><option id=x></select>", {{"#x", Operation::inner, "n"}}), Skip::unsafe_region);
  EXPECT_EQ(why("<div id=x>a<!-- ", {{"#x", Operation::append, "n"}}), Skip::truncated);
  EXPECT_EQ(why("<div id=x>a<script>", {{"#x", Operation::append, "n"}}), Skip::truncated);
}

TEST(Rewriter, RefusesContentThatWouldNotStayInItsPlace) {
  EXPECT_EQ(why("<p id=x>a</p>", {{"#x", Operation::inner, "<div>n</div>"}}), Skip::unsafe_region);
  EXPECT_EQ(why("<ul><li id=x>a</ul>", {{"#x", Operation::inner, "<li>n</li>"}}), Skip::unsafe_region);
  EXPECT_EQ(why("<a><b id=x>c</b></a>", {{"#x", Operation::inner, "<a>n</a>"}}), Skip::unsafe_region);
  EXPECT_EQ(why("<table><tr id=x></table>", {{"#x", Operation::append, "text"}}), Skip::unsafe_region);
  EXPECT_EQ(why("<button><i id=x></i></button>", {{"#x", Operation::inner, "<button>n</button>"}}),
            Skip::unsafe_region);
  EXPECT_EQ(why("<form><i id=x></i></form>", {{"#x", Operation::inner, "<form></form>"}}), Skip::unsafe_region);
  EXPECT_EQ(why("a <<b id=x></b>", {{"#x", Operation::before, "script>"}}), Skip::unsafe_region);
  EXPECT_EQ(after("<table><tr id=x></table>", {{"#x", Operation::append, "<td>n</td>"}}),
            "<table><tr id=x><td>n</td></table>");
}

TEST(Rewriter, MarkupInStringsOfScriptsIsNoMarkup) {
  const std::string page = "<svg/><script>var t=\"<div class=slot>\"</script><div class=slot></div>";
  EXPECT_EQ(after(page, {{".slot", Operation::inner, "n"}}),
            "<svg/><script>var t=\"<div class=slot>\"</script><div class=slot>n</div>");
}

TEST(Rewriter, WhatIsInATemplateDoesNotMatch) {
  const std::string page = "<template><p class=x></p></template><p class=x></p>";
  EXPECT_EQ(after(page, {{".x", Operation::inner, "n"}}), "<template><p class=x></p></template><p class=x>n</p>");
}

TEST(Rewriter, AByteOrderMarkIsNoText) {
  const std::string mark = "\xEF\xBB\xBF";
  for (const std::size_t piece : {1, 2, 3, 4, 100}) {
    const auto with_head = [piece](const std::string& page) {
      return run(page, {{"head", Operation::prepend, "<base>"}}, piece).html;
    };
    EXPECT_EQ(with_head(mark + "<!doctype html><head><title>"), mark + "<!doctype html><head><base><title>") << piece;
    EXPECT_EQ(with_head(mark + "<head>"), mark + "<head><base>") << piece;
    for (const std::string& start :
         {mark + mark, mark.substr(0, 2), mark.substr(0, 1), mark.substr(0, 2) + "x", "x" + mark})
      EXPECT_EQ(with_head(start + "<head>"), start + "<head>") << piece;  // text before it: it is in the body
    for (const std::size_t cut : {0, 1, 2, 3}) EXPECT_EQ(with_head(mark.substr(0, cut)), mark.substr(0, cut)) << piece;
  }
}

/// A page of ordinary and less ordinary parts.
std::string random_ordinary_page(std::mt19937& random) {
  static constexpr const char* parts[] = {"<div class=\"a b\" id=x>",
                                          "</div>",
                                          "<p>",
                                          "</p>",
                                          "<li>",
                                          "<ul>",
                                          "</ul>",
                                          "<b>",
                                          "</b>",
                                          "<a href='x'>",
                                          "</a>",
                                          "<table>",
                                          "<tr>",
                                          "<td>",
                                          "</table>",
                                          "<script><!--",
                                          "</script>",
                                          "-->",
                                          "<svg>",
                                          "</svg>",
                                          "<!-- x -->",
                                          "<title>",
                                          "</title>",
                                          "<br>",
                                          "text & <3 text",
                                          "\r\n",
                                          "<select>",
                                          "<option>",
                                          "</select>",
                                          "<form>",
                                          "</form>",
                                          "<img src=\"a>b\"/>",
                                          "<",
                                          "<![CDATA[",
                                          "]]>",
                                          "</body>"};
  std::string page = random() % 2 ? "<!doctype html>" : "";
  for (std::size_t i = random() % 60; i > 0; --i) page += parts[random() % std::size(parts)];
  return page;
}

TEST(Rewriter, WithoutAMatchGivesThePageBackByteForByte) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    const std::string page = random_ordinary_page(random);
    ASSERT_EQ(run(page, {{"#nowhere", Operation::inner, "n"}}, 1 + random() % 200).html, page);
  }
}

TEST(Rewriter, DoesTheSameHoweverThePageIsCut) {
  const std::vector<NamedWish> wishes = {
      {"#x", Operation::inner, "<i>n</i>"}, {"p", Operation::after, "n"},
      {"li", Operation::append, "n"},       {"a", Operation::set_attribute, "v", "href"},
      {".b", Operation::before, "n"},       {"td", Operation::prepend, "<p>n</p>"}};
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    const std::string page = random_ordinary_page(random);
    const std::string whole = after(page, wishes);
    for (const std::size_t piece : {1, 2, 3, 7, 65}) ASSERT_EQ(run(page, wishes, piece).html, whole) << page;
  }
}

TEST(Rewriter, StaysSmallWhateverThePageContains) {
  const std::vector<NamedWish> wishes = {{"#nowhere", Operation::inner, "n"}};
  std::string formatting, depth, attribute = "<p title=\"";
  for (int i = 0; i < 20000; ++i) formatting += "<a></b><b id=" + std::to_string(i) + "><p>x";
  for (int i = 0; i < 20000; ++i) depth += "<x-" + std::to_string(i) + ">";
  attribute += std::string(200000, 'y') + "\">";
  for (const std::string& page :
       {formatting, depth, attribute, std::string(100000, '<'), "<!--" + std::string(100000, '-')}) {
    const Rewritten rewritten = run(page, wishes, 1000);
    EXPECT_EQ(rewritten.html, page);
    EXPECT_LT(rewritten.max_memory, 32u * 1024);
  }
}

TEST(Rewriter, IsSmallOnAnOrdinaryPage) {
  std::string page = "<!doctype html><title>t</title>";
  for (int i = 0; i < 200; ++i) page += "<div class=\"card\"><p>text<a href=\"/x\">more</a></div>";
  EXPECT_LE(run(page, {{"#nowhere", Operation::inner, "n"}}, 4096).max_memory, 16u * 1024);
}

}  // namespace
}  // namespace personalize::html
