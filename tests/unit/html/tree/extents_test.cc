#include "html/tree/extents.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace personalize::html {
namespace {

/// "name[content]" of every element in the page's order, `!` after those that are not safe.
std::string contents(std::string_view page, std::size_t piece = 1 << 20) {
  ExtentRecorder recorder;
  for (std::size_t at = 0; at < page.size(); at += piece) recorder.write(page.substr(at, piece));
  recorder.end();
  std::string result;
  for (const Extent& extent : recorder.elements()) {
    if (!result.empty()) result += ' ';
    result += extent.name + '[' + std::string(page.substr(extent.content, extent.content_end - extent.content)) + ']';
    if (!extent.safe) result += '!';
  }
  return result;
}

TEST(Extents, EndTagsMayBeLeftOut) {
  EXPECT_EQ(contents("<ul><li>1<li>2<li>3</ul>"), "ul[<li>1<li>2<li>3] li[1] li[2] li[3]");
  EXPECT_EQ(contents("<p>a<p>b<div>c</div>"), "p[a] p[b] div[c]");
  EXPECT_EQ(contents("<dl><dt>a<dd>b<dt>c</dl>"), "dl[<dt>a<dd>b<dt>c] dt[a] dd[b] dt[c]");
  EXPECT_EQ(contents("<table><tr><td>a<td>b<tr><th>c</table>x"),
            "table[<tr><td>a<td>b<tr><th>c] tr[<td>a<td>b] td[a] td[b] tr[<th>c] th[c]");
  EXPECT_EQ(
      contents("<select><optgroup><option>a<option>b<optgroup></select>"),
      "select[<optgroup><option>a<option>b<optgroup>] optgroup[<option>a<option>b] option[a] option[b] optgroup[]");
  EXPECT_EQ(contents("<body><div>a"), "body[<div>a] div[a]");
}

TEST(Extents, SvgAndMathmlHaveRulesOfTheirOwn) {
  EXPECT_EQ(contents("<svg/><p>a"), "svg[] p[a]");
  EXPECT_EQ(contents("<div/>a</div>"), "div[a]");
  EXPECT_EQ(contents("<svg><title><b>x</b></title><style><b></style></svg>"),
            "svg[<title><b>x</b></title><style>] title[<b>x</b>] b[x] style[] b[</style></svg>]");
  EXPECT_EQ(contents("<svg><g><p>a</p></g></svg>"), "svg[<g>] g[] p[a]");
  EXPECT_EQ(contents("<svg><font size=1>a</font>"), "svg[] font[a]");
  EXPECT_EQ(contents("<svg><font id=x>a</font></svg>"), "svg[<font id=x>a</font>] font[a]");
  EXPECT_EQ(
      contents("<math><annotation-xml encoding=text/html><div>a</div></annotation-xml></math>"),
      "math[<annotation-xml encoding=text/html><div>a</div></annotation-xml>] annotation-xml[<div>a</div>] div[a]");
}

TEST(Extents, OfLongTagsReachToTheirEnds) {
  const std::string blanks(9000, ' ');
  const std::string path = "<path d='" + blanks + "'/>", end = "</p" + blanks + ">";
  for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{5000}, std::size_t{1}}) {
    EXPECT_EQ(contents("<svg>" + path + "</svg><p" + blanks + ">a" + end + "<p>b", piece),
              "svg[" + path + "] path[] p[a] p[b]");
    EXPECT_EQ(contents("<p>a</p><p" + blanks, piece), "p[a]");
    ExtentRecorder recorder;
    const std::string page = "<p>a" + end;
    for (std::size_t at = 0; at < page.size(); at += piece) recorder.write(std::string_view(page).substr(at, piece));
    recorder.end();
    EXPECT_EQ(recorder.elements()[0].end, page.size());
  }
}

TEST(Extents, TablesInParagraphsDependOnTheDoctype) {
  EXPECT_EQ(contents("<!doctype html><p>a<table></table>"), "p[a] table[]");
  EXPECT_EQ(contents("<p>a<table></table>"), "p[a<table></table>] table[]");
  EXPECT_EQ(contents("<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2//EN\"><p>a<table></table>"),
            "p[a<table></table>] table[]");
}

TEST(Extents, WhatIsMisnestedIsNotSafe) {
  EXPECT_EQ(contents("<b>1<p>2</b>3</p>"), "b[1<p>2]! p[2</b>3]");
  EXPECT_EQ(contents("<form><div></form>a</div>"), "form[<div>]! div[</form>a]");
  EXPECT_EQ(contents("<p><b>1<p>2</b>"), "p[<b>1] b[1]! p[2</b>]");
}

TEST(Extents, SelectsThatParsersReadDifferentlyAreNotSafe) {
  EXPECT_EQ(contents("<select><option>a</select>"), "select[<option>a] option[a]");
  EXPECT_EQ(contents("<select><div><option>a</div></select>"), "select[<div><option>a</div>]! option[a</div>]!");
}

TEST(Extents, AreTheSameHoweverThePageIsCut) {
  static constexpr const char* tags[] = {"div", "p",      "b",     "a",      "table",  "tr",       "td",     "li",
                                         "ul",  "svg",    "title", "select", "option", "template", "script", "form",
                                         "h1",  "button", "x-y",   "font",   "math",   "mi",       "nobr",   "caption"};
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    std::string page = random() % 2 ? "<!doctype html>" : "";
    for (std::size_t i = random() % 40; i > 0; --i) {
      page += random() % 3 ? "<" : "</";
      page += tags[random() % std::size(tags)];
      if (random() % 4 == 0) page += " class=\"some words > others\"";
      page += random() % 8 ? ">" : "/>";
      if (random() % 2) page += "text &amp; ";
    }
    const std::string whole = contents(page);
    for (const std::size_t piece : {1, 3, 50}) ASSERT_EQ(contents(page, piece), whole) << page;
  }
}

TEST(Extents, APageThatIsTooDeepIsNotSafeFromThereOn) {
  std::string page = "<p>a</p>";
  for (int i = 0; i < 2000; ++i) page += "<div>";
  page += "<p>b</p>";
  ExtentRecorder recorder;
  recorder.write(page);
  recorder.end();
  ASSERT_GT(recorder.elements().size(), 500u);
  EXPECT_TRUE(recorder.elements()[0].safe);
  EXPECT_FALSE(recorder.elements()[1].safe);
  EXPECT_FALSE(recorder.elements().back().safe);
}

}  // namespace
}  // namespace personalize::html
