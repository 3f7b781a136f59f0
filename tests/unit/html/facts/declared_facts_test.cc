#include <gtest/gtest.h>

#include <string>

#include "tests/unit/html/facts/reading.h"

namespace personalize::html {
namespace {

using testing::fact_set;
using testing::read;

/// The line for the only declared fact, without what pages say by themselves.
std::string value(FactDeclaration declaration, std::string_view page, std::string_view content_type = {}) {
  const FactSet set = fact_set({std::move(declaration)});
  const std::string all = read(set, page, content_type);
  return all.substr(0, all.find('\n'));
}

std::string text_of(std::string_view selector, std::string_view page, std::string_view content_type = {}) {
  return value({"f", std::string(selector)}, page, content_type);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(DeclaredFacts, AnAttributeIsDecodedAndWithoutSpacesAround) {
  const FactDeclaration id{"order_id", "[data-order-id]", "data-order-id"};
  EXPECT_EQ(value(id, "<div data-order-id='1001'>"), "known 1001");
  EXPECT_EQ(value(id, "<div DATA-ORDER-ID=1001>"), "known 1001");
  EXPECT_EQ(value(id, "<div data-order-id=' a&amp;b &eacute;&#x20AC; '>"), "known a&b é€");
  EXPECT_EQ(value(id, "<div data-order-id=1 data-order-id=2>"), "known 1");
  EXPECT_EQ(value(id, "<div data-order-id>"), "known ");
  EXPECT_EQ(value(id, "<div>"), "missing ");
}

TEST(DeclaredFacts, TheFirstElementThatMatchesCounts) {
  EXPECT_EQ(text_of("b", "<b>1</b><b>2</b>"), "known 1");
  EXPECT_EQ(text_of("b", "<b></b><b>2</b>"), "known ");
  EXPECT_EQ(value({"f", "b", "k"}, "<b>1</b><b k=2>"), "missing ");
  EXPECT_EQ(value({"f", "b[k]", "k"}, "<b>1</b><b k=2>"), "known 2");
  EXPECT_EQ(text_of("p", "<p>a<p>b"), "known a");
  EXPECT_EQ(text_of("div", "<div>a<div>b</div>c</div>"), "known a b c");
}

TEST(DeclaredFacts, TextHasSingleSpacesAsItIsShown) {
  EXPECT_EQ(text_of("p", "<p>\n  Order \t <b>No.</b> 10<i>01</i>\r\n </p>"), "known Order No. 1001");
  EXPECT_EQ(text_of("ul", "<ul><li>a<li>b</ul>"), "known a b");
  EXPECT_EQ(text_of("p", "<p>a<br>b<img>c"), "known a b c");
  EXPECT_EQ(text_of("tr", "<table><tr><td>Total<td>12,00&nbsp;&euro;</table>"), "known Total 12,00\xC2\xA0€");
  EXPECT_EQ(text_of("p", "<p>&nbsp;12&nbsp;</p>"), "known 12");
  EXPECT_EQ(text_of("p", "<p>a<!-- x -->b<script>c</script><style>d</style><template>e</template></p>"), "known ab");
  EXPECT_EQ(text_of("svg", "<svg><title>a</title><text>b</text></svg>"), "known a b");
}

TEST(DeclaredFacts, ReferencesEndWhereTagsStand) {
  EXPECT_EQ(text_of("p", "<p>A&am<b></b>p;B"), "known A&amp;B");
  EXPECT_EQ(text_of("p", "<p>A&amp<b></b>;B"), "known A&;B");
  EXPECT_EQ(text_of("p", "<p>A&#65<!-- -->6;B"), "known AA6;B");
  EXPECT_EQ(text_of("p", "<p>Tom & <b>Jerry</b>&lt<i></i>&NotEqualTilde<i></i>;"), "known Tom & Jerry<&NotEqualTilde;");
}

TEST(DeclaredFacts, AnElementEndsWhereABrowserEndsIt) {
  EXPECT_EQ(text_of("#b", "<ul><li id=a>1<li id=b>2<li id=c>3</ul>"), "known 2");
  EXPECT_EQ(text_of("td", "<table><tr><td>1<td>2<tr><td>3</table>"), "known 1");
  EXPECT_EQ(text_of("main", "<main>a</div>b</main>c"), "known a b");
  EXPECT_EQ(text_of("body", "a</body>b</html>c"), "known a b c");
  EXPECT_EQ(text_of("p", "<p>never closed"), "known never closed");
}

TEST(DeclaredFacts, TextOfScriptsAndTitlesIsReadAsTheyAre) {
  EXPECT_EQ(text_of("title", "<title>A &amp; <b>B</b></title>"), "known A & <b>B</b>");
  EXPECT_EQ(text_of("#state", "<script id=state type=json>{\"a\":\n \"&amp;<b>\"}</script>x"),
            "known {\"a\": \"&amp;<b>\"}");
  EXPECT_EQ(text_of("textarea", "<textarea>a &lt; b</textarea>"), "known a < b");
}

TEST(DeclaredFacts, ElementsAreCounted) {
  const FactDeclaration cards{"results", ".card", {}, true};
  EXPECT_EQ(value(cards, "<div class=card><p class='x card'><div class=cards>"), "known 2");
  EXPECT_EQ(value(cards, "<p>"), "known 0");
  EXPECT_EQ(value(cards, "<template><p class=card></template><noscript><p class=card></noscript>"), "known 0");
  EXPECT_EQ(value({"f", "tbody", {}, true}, "<table><tr><td></table><table><tbody></table>"), "known 2");
  EXPECT_EQ(value({"f", "li:nth-child(2n)", {}, true}, "<ul><li><li><li><li></ul>"), "known 2");
  EXPECT_EQ(value(cards, repeated("<p class=card>", 5000)), "known 5000");
}

TEST(DeclaredFacts, OneElementCanBeSeveralFacts) {
  const FactSet set = fact_set({{"a", "p"}, {"b", "p", "k"}, {"c", ".x"}, {"d", "p", {}, true}});
  EXPECT_EQ(read(set, "<p class=x k=1>text</p><p>"), "known text\nknown 1\nknown text\nknown 2\n");
}

TEST(DeclaredFacts, WhatIsTooLongIsNotKnown) {
  const std::string fits = repeated("x", max_fact_bytes), too_long = fits + "x";
  EXPECT_EQ(text_of("p", "<p>" + fits), "known " + fits);
  EXPECT_EQ(text_of("p", "<p>" + too_long), "ignored ");
  EXPECT_EQ(text_of("p", "<p>" + repeated("x ", 100'000)), "ignored ");
  EXPECT_EQ(text_of("p", "<p>" + repeated(" ", 100'000) + "x"), "known x");
  EXPECT_EQ(value({"f", "p", "k"}, "<p k='" + fits + "'>"), "known " + fits);
  EXPECT_EQ(value({"f", "p", "k"}, "<p k='" + too_long + "'>"), "ignored ");
  EXPECT_EQ(value({"f", "p", "k"}, "<p a='" + repeated("x", 10'000) + "' k=1>"), "ignored ");
  EXPECT_EQ(value({"f", "p", "k"}, "<p k=1 a='" + repeated("x", 10'000) + "'>"), "known 1");
  EXPECT_EQ(text_of("span", repeated("<div>", 600) + "<span>x</span>"), "missing ");
  EXPECT_EQ(text_of("main", "<main>a" + repeated("<div>", 600) + "b</main>"), "ignored ");
}

TEST(DeclaredFacts, MoreOpenTextsThanALimitAreNotKnown) {
  std::vector<FactDeclaration> declarations;
  std::string page;
  for (int i = 0; i < 40; ++i) {
    declarations.push_back({"f" + std::to_string(i), "#i" + std::to_string(i)});
    page += "<div id=i" + std::to_string(i) + ">";
  }
  const std::string all = read(fact_set(std::move(declarations)), page + "x");
  EXPECT_EQ(all, repeated("known x\n", 32) + repeated("ignored \n", 8));
}

TEST(DeclaredFacts, EveryEncodingBecomesUtf8) {
  EXPECT_EQ(text_of("p", "<p>\xE9 &eacute;", "text/html; charset=iso-8859-1"), "known é é");
  EXPECT_EQ(text_of("p", "<p>\x80", "text/html; charset=latin1"), "known €");
  EXPECT_EQ(text_of("p", "<p>\xC3\xA9", "text/html; charset=utf-8"), "known é");
  EXPECT_EQ(text_of("p", "<p>\xC3\xA9 \xE9", "text/html; charset=utf-8"), "known é \xEF\xBF\xBD");
  EXPECT_EQ(text_of("p", "<p>\xC3\xA9"), "known é");
  EXPECT_EQ(text_of("p", "<p>\x80 \xE9"), "known € é");
  EXPECT_EQ(text_of("title", "<title>\x83\x5C</title><meta charset=shift_jis>"), "known ソ");
  EXPECT_EQ(text_of("p", "<meta charset=gb2312><p>\xC4\xE3\xBA\xC3"), "known 你好");
  EXPECT_EQ(text_of("p", "<meta charset=euc-kr><p>\xB0\xA1"), "known 가");
  EXPECT_EQ(text_of("p", "<meta charset=windows-1251><p>\xD6\xE5\xED\xE0"), "known Цена");
  EXPECT_EQ(text_of("p", "\xEF\xBB\xBF<p>\xC3\xA9", "text/html; charset=latin1"), "known é");
  EXPECT_EQ(text_of("p", "<p>12", "text/html; charset=utf-16"), "missing ");
  EXPECT_EQ(text_of("p", "<p>12", "text/html; charset=iso-2022-jp"), "missing ");
}

TEST(DeclaredFacts, ASelectorThatLooksAheadIsRefused) {
  FactSet set;
  for (const char* selector : {"p:last-child", "ul:has(li)", "div > p:only-child", "p:not(:empty)"}) {
    const auto error = set.add({"f", selector});
    ASSERT_TRUE(error) << selector;
    EXPECT_NE(error->message.find("comes after it"), std::string::npos);
  }
  EXPECT_EQ(set.add({"f", "p["})->offset, 2u);
  EXPECT_TRUE(set.declarations().empty());
  EXPECT_FALSE(set.add({"f", "p:first-child"}));
}

TEST(DeclaredFacts, SetsThatReadTheSameHaveTheSameHash) {
  const auto hash = [](std::vector<FactDeclaration> declarations) { return fact_set(std::move(declarations)).hash(); };
  EXPECT_EQ(hash({{"a", "p"}}), hash({{"a", "p"}}));
  EXPECT_NE(hash({{"a", "p"}}), hash({}));
  EXPECT_NE(hash({{"a", "p"}}), hash({{"a", "p", "k"}}));
  EXPECT_NE(hash({{"a", "p"}}), hash({{"a", "p", {}, true}}));
  EXPECT_NE(hash({{"a", "p"}, {"b", "i"}}), hash({{"b", "i"}, {"a", "p"}}));
}

}  // namespace
}  // namespace personalize::html
