#include <gtest/gtest.h>

#include "tests/unit/html/selectors/matched_page.h"

namespace personalize::html::testing {
namespace {

constexpr std::string_view flat_page =
    R"(<html><body><ul class="a list" id="top"><li n="1"></li><li n="2" class="x"><b n="b"></b></li><li n="3"></li>)"
    R"(<li n="4"></li></ul><div n="d" class="list-like"><p n="p1"></p><h2 n="h"></h2><p n="p2"></p><p n="p3"></p></div>)"
    R"(</body></html>)";

TEST(Matcher, MatchesTypeIdClassAndUniversal) {
  EXPECT_EQ(matched("p", flat_page), "p1 p2 p3");
  EXPECT_EQ(matched("P", flat_page), "p1 p2 p3");
  EXPECT_EQ(matched(".x", flat_page), "2");
  EXPECT_EQ(matched(".X", flat_page), "");
  EXPECT_EQ(matched("li.x", flat_page), "2");
  EXPECT_EQ(matched("div.x", flat_page), "");
  EXPECT_EQ(
      matched(".list", R"(<p n="1" class="list"></p><p n="2" class="a list b"></p><p n="3" class="listing"></p>)"),
      "1 2");
  EXPECT_EQ(matched("#q", R"(<p n="1" id="q"></p><p n="2" id="Q"></p><p n="3" id=" q"></p>)"), "1");
  EXPECT_EQ(matched("div *", flat_page), "p1 h p2 p3");
}

TEST(Matcher, FollowsDescendantAndChildCombinators) {
  EXPECT_EQ(matched("#top li", flat_page), "1 2 3 4");
  EXPECT_EQ(matched("ul > li > b", flat_page), "b");
  EXPECT_EQ(matched("ul > b", flat_page), "");
  EXPECT_EQ(matched(".a b", flat_page), "b");
  EXPECT_EQ(matched("body ul.list li.x b", flat_page), "b");
}

TEST(Matcher, ForgetsAnAncestorThatIsClosed) {
  EXPECT_EQ(matched(".a b", R"(<p class="a"></p><div><b n="1"></b></div><p class="a"><i><b n="2"></b></i></p>)"), "2");
  EXPECT_EQ(matched(".a > b", R"(<p><i class="a"/><b n="1"></b></p>)"), "");
}

TEST(Matcher, FollowsSiblingCombinators) {
  EXPECT_EQ(matched("h2 + p", flat_page), "p2");
  EXPECT_EQ(matched("h2 ~ p", flat_page), "p2 p3");
  EXPECT_EQ(matched(".x + *", flat_page), "3");
  EXPECT_EQ(matched(".x ~ *", flat_page), "3 4");
  EXPECT_EQ(matched("p + p + p", flat_page), "");
  EXPECT_EQ(matched("i + b", R"(<p><i/>text<u/><b n="1"/><i/><b n="2"/></p>)"), "2");
  EXPECT_EQ(matched("i + b", R"(<div><p><i/></p><b n="1"/></div>)"), "");
  EXPECT_EQ(matched("i ~ b", R"(<div><p><i/></p><p><b n="1"/></p></div>)"), "");
}

TEST(Matcher, CountsChildrenAndTypes) {
  EXPECT_EQ(matched("li:first-child", flat_page), "1");
  EXPECT_EQ(matched("li:nth-child(2)", flat_page), "2");
  EXPECT_EQ(matched("li:nth-child(odd)", flat_page), "1 3");
  EXPECT_EQ(matched("li:nth-child(-n+2)", flat_page), "1 2");
  EXPECT_EQ(matched("p:nth-of-type(2)", flat_page), "p2");
  EXPECT_EQ(matched("p:first-of-type", flat_page), "p1");
  EXPECT_EQ(matched("div > :nth-of-type(1)", flat_page), "p1 h");
  EXPECT_EQ(matched("p:not(:nth-of-type(2))", flat_page), "p1 p3");
  EXPECT_EQ(matched(":nth-of-type(3)", flat_page), "3 p3");
  EXPECT_EQ(matched("h2 ~ :nth-of-type(3)", flat_page), "p3");
}

TEST(Matcher, NegatesAndGroups) {
  EXPECT_EQ(matched("li:not(.x)", flat_page), "1 3 4");
  EXPECT_EQ(matched("li:not(.x, :first-child)", flat_page), "3 4");
  EXPECT_EQ(matched(":is(h2, .x)", flat_page), "2 h");
  EXPECT_EQ(matched(":where(ul, div) > :is(h2, li.x)", flat_page), "2 h");
  EXPECT_EQ(matched("p:not(h2 + p)", flat_page), "p1 p3");
  EXPECT_EQ(matched("p:not(div > h2 ~ p)", flat_page), "p1");
  EXPECT_EQ(matched("li, h2, .x", flat_page), "1 2 3 4 h");
}

TEST(Matcher, KnowsTheRoot) {
  EXPECT_EQ(matched(":root", R"(<html n="r"><body n="b"></body></html>)"), "r");
  EXPECT_EQ(matched(":root > *", R"(<html n="r"><body n="b"></body></html>)"), "b");
}

TEST(Matcher, ComparesAttributesByEveryOperator) {
  constexpr std::string_view page =
      R"(<p><i n="1" t="one"/><i n="2" t="one two"/><i n="3" t="one-two"/><i n="4" t=""/><i n="5"/><i n="6" T="ONE"/></p>)";
  EXPECT_EQ(matched("[t]", page), "1 2 3 4 6");
  EXPECT_EQ(matched("[t=one]", page), "1");
  EXPECT_EQ(matched("[t='one' i]", page), "1 6");
  EXPECT_EQ(matched("[t~=one]", page), "1 2");
  EXPECT_EQ(matched("[t|=one]", page), "1 3");
  EXPECT_EQ(matched("[t^=one]", page), "1 2 3");
  EXPECT_EQ(matched("[t$=two]", page), "2 3");
  EXPECT_EQ(matched("[t*='e t']", page), "2");
  EXPECT_EQ(matched("[t^='']", page), "");
  EXPECT_EQ(matched("[t='']", page), "4");
  EXPECT_EQ(matched("i:not([t])", page), "5");
}

TEST(Matcher, ComparesDecodedValues) {
  EXPECT_EQ(matched("a[title=\"a&b\"]", R"(<a n="1" title="a&amp;b"/><a n="2" title="a&b"/><a n="3" title="ab"/>)"),
            "1 2");
  EXPECT_EQ(matched("#é", "<a n=\"1\" id=\"&eacute;\"/><a n=\"2\" id=\"é\"/>"), "1 2");
  EXPECT_EQ(matched(".a", R"(<a n="1" class="b&#32;a"/><a n="2" class="&#x61;"/>)"), "1 2");
}

TEST(Matcher, FindsClassNamesWithBytesThatAreNearlyBlank) {
  EXPECT_EQ(matched(".a\\1 b",
                    "<i n='1' class='some a\x01"
                    "b'/><i n='2' class='some a b'/>"),
            "1");
  EXPECT_EQ(matched(".a\uFFFDb", std::string_view("<i n='1' class='some a\0b'/>", 27)), "1");
  EXPECT_EQ(matched(".b", "<i n='1' class='some a\rb'/><i n='2' class='a\tb'/><i n='3' class='a\vb'/>"), "1 2");
}

TEST(Matcher, ComparesSomeValuesOfHtmlWithoutRegardToCase) {
  EXPECT_EQ(matched("[type=radio]", R"(<input n="1" type="RADIO"/><input n="2" type="text"/>)"), "1");
  EXPECT_EQ(matched("[type=radio s]", R"(<input n="1" type="RADIO"/><input n="2" type="radio"/>)"), "2");
  EXPECT_EQ(matched("[data-type=radio]", R"(<input n="1" data-type="RADIO"/>)"), "");
  EXPECT_EQ(matched("[type=radio]", R"(<svg><g n="1" type="RADIO"/><g n="2" type="radio"/></svg>)"), "2");
}

TEST(Matcher, TheFirstOfEqualAttributesCounts) {
  EXPECT_EQ(matched("#b", R"(<a n="1" id="a" id="b"/><a n="2" ID="b" id="a"/>)"), "2");
  EXPECT_EQ(matched("[t=x]", R"(<a n="1" t="y" t="x"/>)"), "");
}

TEST(Matcher, SpellsSvgNamesAsTheTreeDoes) {
  EXPECT_EQ(matched("linearGradient", R"(<svg><lineargradient n="1"/></svg>)"), "1");
  EXPECT_EQ(matched("lineargradient", R"(<svg><lineargradient n="1"/></svg><lineargradient n="2"/>)"), "2");
  EXPECT_EQ(matched("[viewBox]", R"(<svg viewbox="0" n="1"></svg><p n="2" viewbox="1"/>)"), "1 2");
  EXPECT_EQ(matched("[href]", R"(<svg><use n="1" xlink:href="#a"/><use n="2" href="#a"/></svg>)"), "2");
  EXPECT_EQ(matched("[*|href]", R"(<svg><use n="1" xlink:href="#a"/><use n="2" href="#a"/></svg>)"), "1 2");
}

TEST(Matcher, DecidesStatesThatThePageFixes) {
  constexpr std::string_view page =
      R"(<form><input n="1" type="checkbox" checked=""/><input n="2" type="text" checked="" required=""/>)"
      R"(<fieldset n="f" disabled=""><legend><input n="3"/></legend><p><input n="4"/></p></fieldset><a n="5" href="/"/>)"
      R"(<a n="6"/><button n="7" disabled=""/></form>)";
  EXPECT_EQ(matched(":link", page), "5");
  EXPECT_EQ(matched(":checked", page), "1");
  EXPECT_EQ(matched(":disabled", page), "f 4 7");
  EXPECT_EQ(matched(":enabled", page), "1 2 3");
  EXPECT_EQ(matched(":required", page), "2");
}

TEST(Matcher, KnowsTheLanguageThatAnElementIsIn) {
  constexpr std::string_view page =
      R"(<html n="h" lang="en"><p n="1" lang="de-AT"><i n="2"></i></p><p n="3"><i n="4" lang=""></i></p><p n="5" lang="fr-Latn-CH"/></html>)";
  EXPECT_EQ(matched(":lang(de)", page), "1 2");
  EXPECT_EQ(matched(":lang(EN)", page), "h 3");
  EXPECT_EQ(matched("i:not(:lang(en))", page), "2 4");
  EXPECT_EQ(matched(":lang(de-at, '*-CH')", page), "1 2 5");
  EXPECT_EQ(matched(":lang(de-CH)", page), "");
  EXPECT_EQ(matched(":lang(fr-CH)", page), "5");
}

TEST(Matcher, OpensOnlyTagsThatCouldMatter) {
  const std::string_view page = flat_page;
  EXPECT_EQ(opened({"#nothing", ".absent", "[data-slot=offer]", "article"}, page), 0u);
  EXPECT_EQ(opened({"#top"}, page), 1u);
  EXPECT_EQ(opened({"li:nth-child(2)"}, page), 4u);
  EXPECT_EQ(opened({".x > *"}, page), 2u);
}

TEST(Matcher, FindsSlotsAmongMany) {
  std::string all;
  for (int i = 0; i < 200; ++i)
    all += (i ? ", " : "") + ("#id" + std::to_string(i)) + ", .c" + std::to_string(i) + " b";
  EXPECT_EQ(matched(all, R"(<p><i n="1" id="id77"/><i class="c199"><b n="2"/></i><b n="3"/><i n="4" id="id200"/></p>)"),
            "1 2");
}

}  // namespace
}  // namespace personalize::html::testing
