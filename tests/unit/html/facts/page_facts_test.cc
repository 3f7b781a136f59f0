#include <gtest/gtest.h>

#include <random>
#include <string>

#include "html/limits.h"
#include "html/splicing/splice_plan.h"
#include "tests/unit/html/facts/reading.h"
#include "tests/unit/html/random_page.h"

namespace personalize::html {
namespace {

using testing::describe;
using testing::fact_set;
using testing::read;
using testing::read_in_pieces;

std::string read_page(std::string_view page) { return read(FactSet(), page); }

std::string times(std::string_view text, std::size_t n) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += text;
  return all;
}

TEST(PageFacts, ScriptsWithJsonLdAreRead) {
  EXPECT_EQ(read_page("<script type=\"application/ld+json\">{\"a\": \"&amp;<b>\"}</script><script>var a;</script>"),
            "script {\"a\": \"&amp;<b>\"}\n");
  EXPECT_EQ(
      read_page(
          "<script type=' Application/LD+JSON ; charset=utf-8'>1</script><script type=application/json>2</script>"),
      "script 1\n");
  EXPECT_EQ(read_page("<script type='application/ld+json'>\n { }\n</script>"), "script \n { }\n\n");
  EXPECT_EQ(read_page("<script type='application/ld+json'>{ cut"), "script { cut\n");
  EXPECT_EQ(read_page("<script type='application/ld+json'></script>"), "");
  EXPECT_EQ(read_page("<svg><script type='application/ld+json'>1</script></svg>"), "");
  EXPECT_EQ(read_page("<template><script type='application/ld+json'>1</script></template>"), "");
  EXPECT_EQ(read_page("<!-- <script type='application/ld+json'>1</script> --><textarea><script "
                      "type='application/ld+json'>2</script></textarea>"),
            "");
}

TEST(PageFacts, ScriptsBeyondALimitAreCut) {
  const std::string half(limits::max_ld_json / 2, 'x'), script = "<script type='application/ld+json'>";
  EXPECT_EQ(read_page(script + half + "</script>" + script + half + "</script>"),
            "script " + half + "\nscript " + half + "\n");
  EXPECT_EQ(read_page(script + half + "</script>" + script + half + "yz</script>" + script + "z</script>"),
            "script " + half + "\nscript " + half + "\nignored 1\n");
  EXPECT_EQ(read_page(script + times("y", 1 << 20) + "</script>"),
            "script " + times("y", limits::max_ld_json) + "\nignored 1\n");
  EXPECT_EQ(read_page(times(script + "1</script>", 33)), times("script 1\n", 32) + "ignored 1\n");
}

TEST(PageFacts, MicrodataIsATreeOfItems) {
  EXPECT_EQ(
      read_page(
          "<div itemscope itemtype='https://schema.org/Product' itemid=urn:1><h1 itemprop=name>Tide <b>Boots</b></h1>"
          "<div itemprop=offers itemscope itemtype=http://schema.org/Offer><meta itemprop=price content=129.00>"
          "<link itemprop=availability href=https://schema.org/InStock></div><span itemprop=sku>T-1</span></div>"
          "<span itemprop=sku>T-2</span>"),
      "item - |https://schema.org/Product|urn:1\nitem 0 offers|http://schema.org/Offer|\nproperty 0 name=Tide Boots\n"
      "property 1 price=129.00\nproperty 1 availability=https://schema.org/InStock\nproperty 0 sku=T-1\n");
}

TEST(PageFacts, EveryElementHasItsValueWhereHtmlPutsIt) {
  const auto property = [](const std::string& element) {
    const std::string all = read_page("<div itemscope>" + element + "</div>");
    const std::size_t at = all.find("property");
    return at == std::string::npos ? "none" : all.substr(at, all.size() - 1 - at);
  };
  EXPECT_EQ(property("<meta itemprop=p content='a &amp; b'>"), "property 0 p=a & b");
  for (const char* tag : {"audio", "embed", "iframe", "img", "source", "track", "video"})
    EXPECT_EQ(property("<" + std::string(tag) + " itemprop=p src=u></" + tag + ">"), "property 0 p=u") << tag;
  for (const char* tag : {"a", "area", "link"})
    EXPECT_EQ(property("<" + std::string(tag) + " itemprop=p href=u>text</" + tag + ">"), "property 0 p=u") << tag;
  EXPECT_EQ(property("<object itemprop=p data=u></object>"), "property 0 p=u");
  EXPECT_EQ(property("<data itemprop=p value=12>twelve</data>"), "property 0 p=12");
  EXPECT_EQ(property("<meter itemprop=p value=12>twelve</meter>"), "property 0 p=12");
  EXPECT_EQ(property("<time itemprop=p datetime=2026-01-01>today</time>"), "property 0 p=2026-01-01");
  EXPECT_EQ(property("<time itemprop=p>today</time>"), "property 0 p=today");
  EXPECT_EQ(property("<span itemprop=p content=12.00>$12</span>"), "property 0 p=12.00");
  EXPECT_EQ(property("<span itemprop=p> 12 </span>"), "property 0 p=12");
  EXPECT_EQ(property("<p itemprop=p><del>$550</del> <ins>$400</ins><s>9</s></p>"), "property 0 p=$400");
  EXPECT_EQ(property("<span itemprop='p q'>12</span>"), "property 0 p q=12");
  EXPECT_EQ(property("<img itemprop=p>"), "none");
  EXPECT_EQ(property("<span itemprop>12</span>"), "none");
  EXPECT_EQ(property("<title itemprop=p>a &amp; b</title>"), "property 0 p=a & b");
}

TEST(PageFacts, MicrodataStandsInTablesToo) {
  EXPECT_EQ(read_page("<table itemscope itemtype=t><tr><th>Price<td itemprop=price>1<tr itemprop=offers itemscope><td "
                      "itemprop=price>2<tr><td itemprop=sku>3</table><p itemprop=sku>4"),
            "item - |t|\nitem 0 offers||\nproperty 0 price=1\nproperty 1 price=2\nproperty 0 sku=3\n");
}

TEST(PageFacts, AnItemEndsWithItsElement) {
  EXPECT_EQ(read_page("<p itemscope><b itemprop=a>1</b><p itemprop=a>2"), "item - ||\nproperty 0 a=1\n");
  EXPECT_EQ(
      read_page(
          "<form itemscope itemtype=f><div itemscope itemtype=d></form><i itemprop=a>1</i></div><i itemprop=a>2</i>"),
      "item - |f|\nitem - |d|\nproperty 1 a=1\n");
  EXPECT_EQ(read_page("<div itemscope><meta itemscope itemprop=m><i itemprop=a>1</i></div>"),
            "item - ||\nitem 0 m||\nproperty 0 a=1\n");
}

TEST(PageFacts, ItemsFindPropertiesElsewhereByTheirIds) {
  EXPECT_EQ(read_page("<p id=name itemprop=name>Boots</p><div itemscope itemtype=t itemref='name offer'></div><div "
                      "id=offer itemprop=offers "
                      "itemscope itemtype=o><b itemprop=price>1</b></div><p id=other itemprop=name>x"),
            "item - |t|\nitem 0 offers|o|\nproperty 0 name=Boots\nproperty 1 price=1\n");
  EXPECT_EQ(read_page("<p id=a itemprop=n>1<div itemscope itemref=' b a'></div><div itemscope itemref=a></div>"),
            "item - ||\nitem - ||\nproperty 0 n=1\n");
  EXPECT_EQ(read_page("<div id=a itemprop=x itemscope itemref=a>"), "item - x||\n");
  EXPECT_EQ(read_page("<div id=a itemprop=x itemscope itemref=b></div><div id=b itemprop=y itemscope itemref=a></div>"),
            "item - x||\nitem 0 y||\n");
}

TEST(PageFacts, WhatSocialNetworksReadIsRead) {
  EXPECT_EQ(
      read_page("<meta property='og:title' content='Boots &amp; more'><meta name=Product:Price:Amount content=12,00>"
                "<meta name=description content=x><meta property=og:url><meta property=og:type content=''>"
                "<link rel='Canonical nofollow' href=/p/1><link rel=canonical href=/p/2><link rel=icon href=x>"),
      "meta og:title=Boots & more\nmeta product:price:amount=12,00\nmeta og:type=\ncanonical /p/1\n");
}

TEST(PageFacts, FieldsOfFormsThatNameAProductAreRead) {
  EXPECT_EQ(
      read_page("<input name=sku value=1><form><input name=qty value=2><input type=hidden name=product_id value=3>"
                "<button name='add-to-cart' value=4></form><form><input name='lineItems[77][referencedId]' value=5>"
                "<input type=radio name=variant_id value=6><input type=radio name=variant_id value=7 checked></form>"),
      "field 0 sku=1\nfield 1 product_id=3\nfield 1 add-to-cart=4\nfield 2 referencedid=5\nfield 2 variant_id=7\n");
}

TEST(PageFacts, PagesBeyondALimitGiveWhatFits) {
  EXPECT_EQ(read_page(times("<meta property=og:image content=x>", 65)), times("meta og:image=x\n", 64) + "ignored 4\n");
  EXPECT_EQ(read_page(times("<input name=sku value=1>", 65)), times("field 0 sku=1\n", 64) + "ignored 8\n");
  EXPECT_EQ(read_page("<meta property=og:image content='" + times("x", 2049) + "'>"), "ignored 4\n");
  EXPECT_EQ(read_page(times("<p itemscope>", 129)), times("item - ||\n", 128) + "ignored 2\n");
  EXPECT_EQ(read_page(times("<div itemscope>", 129) + "<i itemprop=a>1"), times("item - ||\n", 128) + "ignored 2\n");
  EXPECT_EQ(read_page("<div itemscope>" + times("<i itemprop=a>1</i>", 1025)),
            "item - ||\n" + times("property 0 a=1\n", 1024) + "ignored 2\n");
  EXPECT_EQ(read_page("<div itemscope><i itemprop=a>" + times("x", 2049)), "item - ||\nignored 2\n");
  const std::string two_kilobytes = times("x", 2047);
  EXPECT_EQ(read_page("<div itemscope>" + times("<i itemprop=a>" + two_kilobytes + "</i>", 65)),
            "item - ||\n" + times("property 0 a=" + two_kilobytes + "\n", 64) + "ignored 2\n");
}

TEST(PageFacts, AHostilePageCostsBoundedMemory) {
  const FactSet set = fact_set({{"a", "div"}, {"b", "i", {}, true}});
  const std::string pages[] = {
      times("<div itemscope itemprop=a><p itemprop=b>" + times("x", 300), 3000),
      times("<script type='application/ld+json'>" + times("x", 3000) + "</script>", 1000),
      times("<i itemscope itemref='" + times("a ", 500) + "'><b id=a itemprop=c>x</b></i>", 3000),
      times(
          "<meta property=og:image content='" + times("x", 2000) + "'><input name=id value='" + times("x", 2000) + "'>",
          1000),
  };
  for (const std::string& page : pages) {
    FactReader reader(set);
    std::size_t most = 0;
    for (std::size_t at = 0; at < page.size(); at += 16384) {
      reader.write(std::string_view(page).substr(at, 16384));
      most = std::max(most, reader.memory());
    }
    reader.end();
    EXPECT_LT(most, 2u << 20) << page.substr(0, 100);
  }
}

TEST(PageFacts, RandomPagesReadTheSameHoweverTheyAreCut) {
  constexpr unsigned seed = 20260514;
  std::mt19937 random(seed);
  const FactSet set = fact_set({{"a", ".a"}, {"li", "li"}, {"k", "[k]", "k"}, {"n", "p", {}, true}, {"b", "b"}});
  const char* pieces[] = {"<div itemscope>",
                          "<span itemprop=a>",
                          "<td itemprop=b>",
                          "<p itemprop=c itemscope>",
                          "&amp;",
                          "&am",
                          "<script type='application/ld+json'>{}",
                          "</script>",
                          "<meta property=og:url content=u>",
                          "<form itemscope>"};
  for (int i = 0; i < 3000; ++i) {
    std::string page;
    for (int part = 0; part < 3; ++part)
      page +=
          testing::random_page(random) + pieces[random() % std::size(pieces)] + pieces[random() % std::size(pieces)];
    const std::string whole = describe(read_facts(set, page));
    ASSERT_EQ(read_in_pieces(set, page, [&] { return 1 + random() % 20; }), whole) << "seed " << seed << "\n" << page;
  }
}

}  // namespace
}  // namespace personalize::html
