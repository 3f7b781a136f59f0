#include <gtest/gtest.h>

#include "html/selectors/conditions.h"
#include "tests/unit/html/rewriting.h"
#include "tests/unit/html/selectors/matched_page.h"

namespace personalize::html::testing {
namespace {

constexpr std::string_view nested_page =
    R"(<html n="r"><body><ul n="u"><li n="1"></li><li n="2"><b n="b1"></b><i n="i"/></li><li n="3"><b n="b2"/></li></ul>)"
    R"(<p n="p"> </p><p n="q"><!----></p></body></html>)";

TEST(Lookahead, FindsLastChildren) {
  EXPECT_EQ(matched("li:last-child", nested_page), "3");
  EXPECT_EQ(matched("ul :last-child", nested_page), "i 3 b2");
  EXPECT_EQ(matched("li:nth-last-child(2)", nested_page), "2");
  EXPECT_EQ(matched("li:nth-last-child(odd)", nested_page), "1 3");
  EXPECT_EQ(matched("li:nth-last-child(-n+2)", nested_page), "2 3");
  EXPECT_EQ(matched("li:nth-last-child(n+2)", nested_page), "1 2");
  EXPECT_EQ(matched("li:nth-last-child(n)", nested_page), "1 2 3");
  EXPECT_EQ(matched("li:not(:last-child)", nested_page), "1 2");
  EXPECT_EQ(matched("b:only-child", nested_page), "b2");
  EXPECT_EQ(matched(":root:last-child", nested_page), "r");
}

TEST(Lookahead, FindsLastOfType) {
  EXPECT_EQ(matched("b:last-of-type", nested_page), "b1 b2");
  EXPECT_EQ(matched("p:last-of-type", nested_page), "q");
  EXPECT_EQ(matched("li :only-of-type", nested_page), "b1 i b2");
  EXPECT_EQ(matched("li:nth-last-of-type(3)", nested_page), "1");
  EXPECT_EQ(matched("body > :last-of-type", nested_page), "u q");
}

TEST(Lookahead, FindsEmptyElements) {
  EXPECT_EQ(matched("li:empty", nested_page), "1");
  EXPECT_EQ(matched("body :empty", R"(<body><p n="1"/><p n="2">x</p><p n="3"><i n="4"></i></p></body>)"), "1 4");
  EXPECT_EQ(matched("p:not(:empty)", nested_page), "p q");  // the walk takes a comment for an element
}

TEST(Lookahead, FindsWhatAnElementContains) {
  EXPECT_EQ(matched("li:has(b)", nested_page), "2 3");
  EXPECT_EQ(matched("li:has(i)", nested_page), "2");
  EXPECT_EQ(matched("ul:has(b), body:has(> b)", nested_page), "u");
  EXPECT_EQ(matched("ul:has(> li)", nested_page), "u");
  EXPECT_EQ(matched("ul:not(:has(em))", nested_page), "u");
  EXPECT_EQ(matched("li:has(em, i)", nested_page), "2");
}

TEST(Lookahead, ConditionsReachAcrossCombinators) {
  EXPECT_EQ(matched("li:last-child > b", nested_page), "b2");
  EXPECT_EQ(matched("li:not(:last-child) b", nested_page), "b1");
  EXPECT_EQ(matched("li:nth-last-child(2) + li", nested_page), "3");
  EXPECT_EQ(matched("li:nth-last-child(3) ~ li > b", nested_page), "b1 b2");
  EXPECT_EQ(matched("ul:has(i) li:last-child", nested_page), "3");
  EXPECT_EQ(matched("div:last-child b",
                    R"(<p><div><div><b n="1"/></div><div><b n="2"/></div></div><div><b n="3"/></div></p>)"),
            "2 3");
}

TEST(Lookahead, AnswersAsSoonAsItCan) {
  std::string page = "<ul>";
  for (int i = 0; i < 1000; ++i) page += "<li n=\"x\"></li>";
  page += "</ul>";
  EXPECT_EQ(max_waiting("li:last-child", page), 1u);
  EXPECT_EQ(max_waiting("li:nth-last-child(-n+3)", page), 3u);
  EXPECT_EQ(max_waiting("li:nth-last-of-type(2)", page), 2u);
  EXPECT_EQ(max_waiting("li:empty", page), 1u);
  EXPECT_EQ(max_waiting("li:nth-last-child(2n)", page), 1000u);
}

TEST(Lookahead, GivesUpWhereTooMuchIsUndecided) {
  std::string page = "<ul>";
  for (int i = 0; i < 50'000; ++i) page += "<li n=\"\"></li>";
  page += "</ul>";
  const std::size_t waiting = max_waiting("li:nth-last-child(2n+9)", page);
  EXPECT_GT(waiting, 10'000u);
  EXPECT_LT(waiting, 40'000u);
}

TEST(Lookahead, LooksAtEveryTagOnlyWhileItWaits) {
  EXPECT_EQ(opened({"ul:empty"}, R"(<div><p></p><ul><li><b></b></li></ul><p></p></div>)"), 2u);
}

TEST(Lookahead, TextDecidesEvenIfNoTagFollows) {
  for (const std::size_t size : {1u, 100u}) {
    Selectors selectors;
    ASSERT_FALSE(selectors.add("p:empty"));
    Edit edit;
    edit.operation = Operation::remove;
    const Rewritten rewritten = rewrite(selectors, {&edit, 1}, "<p>x", size);
    EXPECT_EQ(rewritten.html, "<p>x");
    EXPECT_EQ(rewritten.results[0].matches, 0u);
    EXPECT_EQ(rewritten.results[0].reason, Skip::no_match);
  }
}

TEST(Lookahead, AParentEndsWithTheChildThatWasMovedOutOfItHoweverThePageIsCut) {
  constexpr std::string_view page = "<body><b><p id=1><a><p id=2>two</b></p><i>tail of the page, long enough</i>";
  Selectors selectors;
  ASSERT_FALSE(selectors.add("p:nth-last-child(2)").has_value());
  Edit edit;
  edit.operation = Operation::set_attribute;
  edit.name = "title";
  const Rewritten whole = rewrite(selectors, {&edit, 1}, page);
  for (std::size_t piece = 1; piece < page.size(); ++piece) {
    const Rewritten cut = rewrite(selectors, {&edit, 1}, page, piece);
    EXPECT_EQ(cut.html, whole.html) << piece;
    EXPECT_EQ(cut.results[0].applied, whole.results[0].applied) << piece;
  }
}

TEST(Lookahead, RefusesWhatHasCannotAsk) {
  EXPECT_NE(matched("p:has(a b)", "").find("only ask for one element"), std::string::npos);
  EXPECT_NE(matched("p:has(+ a)", "").find("siblings"), std::string::npos);
  EXPECT_NE(matched("p:has(a:last-child)", "").find("look ahead itself"), std::string::npos);
}

TEST(Conditions, FollowFromEachOther) {
  Conditions conditions(100);
  const Truth a = conditions.unknown(), b = conditions.unknown();
  const Truth both = conditions.both(a, b), either = conditions.either(a, b), negation = conditions.negation(both);
  EXPECT_EQ(conditions.both(a, known_true), a);
  EXPECT_EQ(conditions.both(a, known_false), known_false);
  EXPECT_EQ(conditions.either(a, known_true), known_true);
  EXPECT_EQ(conditions.either(known_false, b), b);
  const std::uint32_t ticket = conditions.ticket(negation);
  EXPECT_EQ(conditions.ticket(negation), ticket);
  conditions.decide(a, true);
  EXPECT_EQ(conditions.value(either), known_true);
  EXPECT_TRUE(conditions.is_open(both));
  EXPECT_TRUE(conditions.decided().empty());
  conditions.decide(b, false);
  EXPECT_EQ(conditions.value(both), known_false);
  ASSERT_EQ(conditions.decided().size(), 1u);
  EXPECT_EQ(conditions.decided()[0].ticket, ticket);
  EXPECT_TRUE(conditions.decided()[0].matches);
  EXPECT_EQ(conditions.open_count(), 0u);
}

TEST(Conditions, AreBounded) {
  Conditions conditions(2);
  const Truth a = conditions.unknown(), b = conditions.unknown();
  EXPECT_EQ(conditions.unknown(), gave_up);
  EXPECT_EQ(conditions.both(a, b), gave_up);
  EXPECT_EQ(conditions.both(gave_up, known_false), known_false);
  EXPECT_EQ(conditions.either(gave_up, known_true), known_true);
}

}  // namespace
}  // namespace personalize::html::testing
