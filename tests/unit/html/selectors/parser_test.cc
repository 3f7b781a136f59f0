#include "html/selectors/parser.h"

#include <gtest/gtest.h>

#include "html/selectors/nth_expression.h"

namespace personalize::html {
namespace {

SelectorList parsed(std::string_view text) {
  auto result = parse_selectors(text);
  if (!result) ADD_FAILURE() << text << ": " << result.error().message;
  return result.value_or(SelectorList());
}

SelectorError refused(std::string_view text) {
  auto result = parse_selectors(text);
  if (!result) return result.error();
  ADD_FAILURE() << text << " was accepted";
  return {};
}

TEST(SelectorParser, ReadsCombinatorsWithAndWithoutSpace) {
  const SelectorList list = parsed(" a  b>c + d~e /* x */ f ,g ");
  ASSERT_EQ(list.size(), 2u);
  std::string combinators;
  for (const CompoundSelector& compound : list[0].compounds)
    combinators += " _>+~"[static_cast<int>(compound.combinator)];
  EXPECT_EQ(combinators, " _>+~_");
}

TEST(SelectorParser, ResolvesEscapes) {
  EXPECT_EQ(parsed(".\\35 cm")[0].compounds[0].classes[0], "5cm");
  EXPECT_EQ(parsed(".\\5cm")[0].compounds[0].classes[0], "\\m");
  EXPECT_EQ(parsed("foo\\:bar")[0].compounds[0].type.lower, "foo:bar");
  EXPECT_EQ(parsed("#\\1F600 x")[0].compounds[0].ids[0], "😀x");
  EXPECT_EQ(parsed("#\\0 ")[0].compounds[0].ids[0], "\xEF\xBF\xBD");
  EXPECT_EQ(parsed("[a=\"x\\\"y\\\nz\\41\"]")[0].compounds[0].attributes[0].value, "x\"yzA");
}

TEST(SelectorParser, ReadsAttributeTests) {
  const AttributeTest test = parsed("[ DATA-x ~= 'v' I ]")[0].compounds[0].attributes[0];
  EXPECT_EQ(test.name.lower, "data-x");
  EXPECT_EQ(test.op, AttributeOperator::includes);
  EXPECT_EQ(test.value, "v");
  EXPECT_TRUE(test.ignore_case);
  EXPECT_FALSE(parsed("[type=a s]")[0].compounds[0].attributes[0].ignore_case_in_html);
  EXPECT_TRUE(parsed("[*|title]")[0].compounds[0].attributes[0].any_namespace);
  EXPECT_EQ(parsed("[|title|=x]")[0].compounds[0].attributes[0].op, AttributeOperator::dash_match);
}

TEST(SelectorParser, SaysWhereAndWhatIsWrong) {
  const struct {
    std::string_view text;
    std::size_t offset;
    std::string_view part;
  } cases[] = {
      {"", 0, "a selector is expected"},
      {"a,", 2, "a selector is expected"},
      {"a > ", 4, "a selector is expected"},
      {"> a", 0, "unexpected \">\""},
      {"#", 1, "an id is expected"},
      {"#5cm", 1, "\\35"},
      {"a.", 2, "a class name"},
      {"a[", 2, "an attribute name"},
      {"a[b", 3, "one of ]"},
      {"a[b=]", 4, "a quoted string"},
      {"a[b='x]", 7, "not closed"},
      {"a[b=x q]", 6, "flags i and s"},
      {"a[b=x", 5, "\"]\" is missing"},
      {"a:", 2, "pseudo-class"},
      {"a:nope", 1, "not known"},
      {"a:hover", 1, "depends on the browser"},
      {"a::before", 1, "pseudo-element"},
      {"p:first-line", 1, "pseudo-element"},
      {"svg|a", 0, "no namespace prefixes"},
      {"|a", 0, "namespaces"},
      {":not(a", 6, "closing parenthesis"},
      {":not()", 5, "a selector is expected"},
      {":lang()", 6, "a language"},
      {":nth-child(x)", 11, "a position"},
      {"a || b", 2, "unexpected \"|\""},
      {"a\x01", 1, "unexpected character"},
      {":has(:has(a))", 5, "nested"},
      {"p:Has(a b)", 8, "one element"},
      {"p:has(+ a)", 8, "siblings"},
      {"p:has(a:last-child)", 7, "look ahead itself"},
      {"p:has(:not(:only-child))", 11, "look ahead itself"},
      {"p:has(:nth-last-child(2))", 6, "look ahead itself"},
  };
  for (const auto& wrong : cases) {
    const SelectorError error = refused(wrong.text);
    EXPECT_EQ(error.offset, wrong.offset) << wrong.text << ": " << error.message;
    EXPECT_NE(error.message.find(wrong.part), std::string::npos) << wrong.text << ": " << error.message;
  }
}

TEST(SelectorParser, BoundsNesting) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += ":not(";
  EXPECT_NE(refused(deep).message.find("too deeply"), std::string::npos);
}

TEST(SelectorParser, AcceptsLongCompounds) {
  std::string text = "p";
  for (int i = 0; i < 10'000; ++i) text += ":not(.span)";
  EXPECT_EQ(parsed(text)[0].compounds[0].pseudos.size(), 10'000u);
}

TEST(NthExpression, ReadsTheMicrosyntax) {
  const struct {
    std::string_view text;
    std::int32_t step, offset;
  } cases[] = {
      {"odd", 2, 1},     {" EVEN ", 2, 0}, {"5", 0, 5},      {"+5", 0, 5},    {"-5", 0, -5},
      {"n", 1, 0},       {"-n", -1, 0},    {"2n", 2, 0},     {"-n+3", -1, 3}, {"2n + 1", 2, 1},
      {"3N - 2", 3, -2}, {"n+ 3", 1, 3},   {"+n -1", 1, -1}, {"0n+0", 0, 0},  {"99999999999", 0, 1'000'000'000}};
  for (const auto& nth : cases) {
    const auto result = parse_nth_expression(nth.text);
    ASSERT_TRUE(result) << nth.text;
    EXPECT_EQ(result->step, nth.step) << nth.text;
    EXPECT_EQ(result->offset, nth.offset) << nth.text;
  }
  for (const char* wrong : {"", " ", "+", "x", "2x", "n 3", "+ 3", "n+", "2n+-1", "2 n", "n-", "3n+1x", "--n", "1.5"}) {
    EXPECT_FALSE(parse_nth_expression(wrong)) << wrong;
  }
}

TEST(NthExpression, MatchesPositions) {
  const auto positions = [](NthExpression nth) {
    std::string result;
    for (int i = 1; i < 10; ++i) result += nth.matches(i) ? std::to_string(i) : "";
    return result;
  };
  EXPECT_EQ(positions({2, 1}), "13579");
  EXPECT_EQ(positions({3, -1}), "258");
  EXPECT_EQ(positions({-1, 3}), "123");
  EXPECT_EQ(positions({0, 4}), "4");
  EXPECT_EQ(positions({-2, 5}), "135");
  EXPECT_EQ(positions({1, -5}), "123456789");
  EXPECT_EQ(positions({0, 0}), "");
}

}  // namespace
}  // namespace personalize::html
