// The language: literals, operators, macros, as the specification has them.
#include <gtest/gtest.h>

#include "tests/unit/rules/cel/expressions.h"

namespace personalize::rules::cel::testing {
namespace {

TEST(CelLanguage, ReadsNumbersOfEveryForm) {
  expect_all({{"42", "42"},
              {"0x2A", "42"},
              {"-0x2a", "-42"},
              {"42u", "42u"},
              {"0x2AU", "42u"},
              {"4.5e1", "45.0"},
              {".5", "0.5"},
              {"1e-3", "0.001"},
              {"-9223372036854775808", "-9223372036854775808"},
              {"18446744073709551615u", "18446744073709551615u"}});
}

TEST(CelLanguage, RefusesNumbersThatDoNotFit) {
  expect_all({{"9223372036854775808", "error: integer is out of range"},
              {"-9223372036854775809", "error: integer is out of range"},
              {"18446744073709551616u", "error: integer is out of range"},
              {"12abc", "error: malformed number"}});
}

TEST(CelLanguage, ReadsStringsWithEscapesPrefixesAndTripleQuotes) {
  expect_all({{R"('it''s')", "error: expected an operator or the end instead of 's'"},
              {R"("a\tb\u00e9\U0001F600\x41\101")", "\"a\\x09bé😀AA\""},
              {R"(r'a\tb')", R"("a\\tb")"},
              {"'''a'b\"c\nd'''", "\"a'b\\\"c\\x0ad\""},
              {R"(b'\xff\377')", "b\"\xff\xff\""},
              {"'a\nb'", "error: string without closing quote"},
              {R"('\q')", "error: unknown escape sequence"},
              {R"('\ud800')", "error: escape sequence is not a Unicode character"},
              {R"('\u12')", "error: escape sequence with too few digits"}});
}

TEST(CelLanguage, BindsOperatorsByPrecedenceAndFromTheLeft) {
  expect_all({{"1 + 2 * 3 - 4 / 2", "5"},
              {"2 - 1 - 1", "0"},
              {"1 < 2 == true", "true"},
              {"!true || true", "true"},
              {"false && true || true", "true"},
              {"true ? 1 : false ? 2 : 3", "1"},
              {"--5", "5"},
              {"!!true", "true"},
              {"-2 * -3", "6"},
              {"!(1 == 2) && -(-1) == 1", "true"},
              {"1 + 1 in [2]", "true"}});
}

TEST(CelLanguage, SkipsCommentsAndWhiteSpace) { EXPECT_EQ(value_of("1 + // one\n\t 2 // two"), "3"); }

TEST(CelLanguage, ReportsOverflowAndDivisionByZero) {
  expect_all({{"9223372036854775807 + 1", "error: integer overflow"},
              {"0u - 1u", "error: integer overflow"},
              {"5000000000 * 5000000000", "error: integer overflow"},
              {"1 / 0", "error: division by zero"},
              {"1 % 0", "error: modulus by zero"},
              {"(-9223372036854775808) / -1", "error: integer overflow"},
              {"1.0 / 0.0", "Infinity"},
              {"-7 / 2", "-3"},
              {"-7 % 2", "-1"}});
}

TEST(CelLanguage, DoesNotMixTypesInArithmetic) {
  expect_all({{"1 + 1.0", "error: no such overload"},
              {"1 + 1u", "error: no such overload"},
              {"'a' + 1", "error: no such overload"},
              {"5.0 % 2.0", "error: no such overload"}});
}

TEST(CelLanguage, ComparesNumbersOfDifferentTypesByValue) {
  expect_all({{"1 == 1.0", "true"},
              {"1u == 1", "true"},
              {"1 < 1.5", "true"},
              {"2u > 1.5", "true"},
              {"-1 < 1u", "true"},
              {"0.0 / 0.0 == 0.0 / 0.0", "false"},
              {"0.0 / 0.0 < 1.0", "false"},
              {"1 == 'a'", "false"},
              {"[1, 2.0] == [1.0, 2u]", "true"},
              {"{1: 'a'} == {1u: 'a'}", "true"},
              {"{'a': 1} == {'b': 1}", "false"},
              {"null == null", "true"},
              {"[] < []", "error: no such overload"},
              {"'a' < 1", "error: no such overload"}});
}

TEST(CelLanguage, OrdersStringsByCodePoint) {
  expect_all({{"'Z' < 'a'", "true"}, {"'é' > 'z'", "true"}, {"'a' < 'ab'", "true"}, {"b'\\xff' > b'a'", "true"}});
}

TEST(CelLanguage, LetsADecisiveOperandWinOverAFailedOneOnEitherSide) {
  expect_all({{"1 / 0 == 1 || true", "true"},
              {"true || 1 / 0 == 1", "true"},
              {"1 / 0 == 1 && false", "false"},
              {"1 / 0 == 1 || false", "error: division by zero"},
              {"unknown || true", "true"},
              {"'a' && false", "false"},
              {"'a' && true", "error: not a bool where one is needed"},
              {"unknown_function() || true", "true"}});
}

TEST(CelLanguage, FindsElementsByAnyEqualNumber) {
  expect_all({{"[7, 8][1u]", "8"},
              {"[7, 8][dyn(1.0)]", "8"},
              {"[7][1]", "error: no such index"},
              {"[7][0.5]", "error: no such index"},
              {"{1: 'a'}[1.0]", "\"a\""},
              {"{'a': 1}.a", "1"},
              {"{'a': 1}['b']", "error: no such key"},
              {"{'content-type': 1}.`content-type`", "1"},
              {"2 in {2: 1}", "true"},
              {"3u in [1, 2, 3]", "true"},
              {"'a' in []", "false"}});
}

TEST(CelLanguage, RefusesMapsWithBadOrRepeatedKeys) {
  expect_all({{"{1: 1, 1u: 2}", "error: key is in the map twice"},
              {"{1.5: 1}", "error: a key must be a string, int, uint or bool"},
              {"{null: 1}", "error: a key must be a string, int, uint or bool"}});
}

TEST(CelLanguage, RepeatedKeysAreFoundAmongMany) {
  std::string map = "{";
  for (int i = 0; i < 100; ++i) map += std::to_string(i) + ": 0, ";
  EXPECT_EQ(value_of("size(" + map + "})"), "100");
  EXPECT_EQ(value_of(map + "42u: 0}"), "error: key is in the map twice");
}

TEST(CelLanguage, TestsPresenceOfFields) {
  expect_all({{"has({'a': 1}.a)", "true"},
              {"has({'a': 1}.b)", "false"},
              {"has({'a': {}}.a.b)", "false"},
              {"has({}.a.b)", "error: no such key"},
              {"has(1)", "error: has() needs a field, like has(profile.tier)"}});
}

TEST(CelLanguage, MacrosQuantifyOverListsAndKeys) {
  expect_all({{"[1, 2].all(x, x > 0)", "true"},
              {"[1, 2].exists(x, x > 1)", "true"},
              {"[].all(x, false)", "true"},
              {"[1, 2].exists_one(x, x > 1)", "true"},
              {"[1, 2, 3].exists_one(x, x > 1)", "false"},
              {"{'a': 1}.exists(k, k == 'a')", "true"},
              {"[3, 2, 1, 0].exists(x, 1 / x > 0)", "true"},
              {"[1, 0].all(x, 1 / x > 5)", "false"},
              {"[0].all(x, 1 / x > 5)", "error: division by zero"},
              {"1.all(x, true)", "error: no such overload"}});
}

TEST(CelLanguage, MacrosTransform) {
  expect_all({{"[1, 2, 3].map(x, x * x)", "[1, 4, 9]"},
              {"[1, 2, 3].map(x, x > 1, x * x)", "[4, 9]"},
              {"[1, 2, 3].filter(x, x != 2)", "[1, 3]"},
              {"{'a': 1}.map(k, k)", "[\"a\"]"},
              {"[1, 2].map(x, [3].map(y, x + y))", "[[4], [5]]"}});
}

TEST(CelLanguage, MacrosWithTwoVariablesSeeIndexAndKey) {
  expect_all({{"['a', 'b'].exists(i, v, i == 1 && v == 'b')", "true"},
              {"{'a': 1}.all(k, v, k == 'a' && v == 1)", "true"},
              {"['a', 'b'].transformList(i, v, v + string(i))", "[\"a0\", \"b1\"]"},
              {"['a', 'b'].transformList(i, v, i > 0, v)", "[\"b\"]"},
              {"{'a': 1, 'b': 2}.transformMap(k, v, v * 10)", "{\"a\": 10, \"b\": 20}"},
              {"{'a': 1, 'b': 2}.transformMap(k, v, k == 'b', v)", "{\"b\": 2}"},
              {"{'a': 'x'}.transformMapEntry(k, v, {v: k})", "{\"x\": \"a\"}"},
              {"['a', 'a'].transformMapEntry(i, v, {v: i})", "error: key is in the map twice"},
              {"[1].existsOne(i, v, v == 1)", "true"},
              {"[1].all(x, x, true)", "error: variable x is named twice"}});
}

TEST(CelLanguage, InnerVariablesHideOuterOnes) {
  expect_all({{"[1].map(x, [2].map(x, x))", "[[2]]"},
              {"cel.bind(x, 1, cel.bind(x, x + 1, x))", "2"},
              {"cel.bind(x, 1, [x].exists(y, y == x))", "true"}});
}

TEST(CelLanguage, BoundErrorsCountOnlyWhereTheyAreUsed) {
  expect_all({{"cel.bind(x, 1 / 0, true)", "true"}, {"cel.bind(x, 1 / 0, x > 0)", "error: division by zero"}});
}

TEST(CelLanguage, BlocksNameTheirParts) {
  expect_all({{"cel.block([1, cel.index(0) + 1], cel.index(1) * 10)", "20"},
              {"cel.block([[1, 2]], cel.index(0).exists(cel.iterVar(0, 0), cel.iterVar(0, 0) > 1))", "true"}});
}

TEST(CelLanguage, OptionalsChain) {
  expect_all({{"{'a': 1}.?a.orValue(2)", "1"},
              {"{}.?a.orValue(2)", "2"},
              {"{'a': {'b': 1}}.?a.b.value()", "1"},
              {"{}.?a.b.c.hasValue()", "false"},
              {"[1][?0]", "optional.of(1)"},
              {"[1][?5]", "optional.none()"},
              {"[?{}.?a, ?optional.of(1)]", "[1]"},
              {"{?'a': optional.none(), 'b': 1}", "{\"b\": 1}"},
              {"optional.of(1).optMap(x, x + 1).value()", "2"},
              {"optional.none().optMap(x, x + 1)", "optional.none()"},
              {"optional.of({'a': 1}).optFlatMap(x, x.?a).value()", "1"},
              {"optional.of(1).orValue(1 / 0)", "1"},
              {"optional.none().or(optional.of(3)).value()", "3"},
              {"optional.none().value()", "error: optional has no value"},
              {"[?1]", "error: not an optional after ?"},
              {"dyn(1).?a", "error: no such field"},
              {"optional.ofNonZeroValue(0).hasValue()", "false"},
              {"optional.of(1) == optional.of(1.0)", "true"}});
}

TEST(CelLanguage, TypesAreValues) {
  expect_all({{"type(1) == int", "true"},
              {"type(type(1)) == type", "true"},
              {"type(null)", "null_type"},
              {"type(optional.none()) == optional_type", "true"},
              {"type([1]) == type(['a'])", "true"},
              {"type(timestamp(0)) == google.protobuf.Timestamp", "true"}});
}

TEST(CelLanguage, ResolvesNamesInTheContainerFirst) {
  Schema schema;
  schema.add("a.x", Type{});
  schema.add("x", Type{});
  Environment environment(schema);
  environment.set_container("a.b");
  std::vector<Error> errors;
  std::pmr::monotonic_buffer_resource arena;
  Context context(schema, arena);
  context.set(0, Value::int64(1));
  context.set(1, Value::int64(2));
  const auto value = [&](std::string_view text) {
    return to_source(Program::compile(text, environment, errors, Program::Result::any)->evaluate(context, arena));
  };
  EXPECT_EQ(value("x"), "1");
  EXPECT_EQ(value(".x"), "2");
  EXPECT_EQ(value("[5].map(x, x)"), "[5]");
}

TEST(CelLanguage, KeepsReservedWordsForFieldsOnly) {
  expect_all({{"{'for': 1}.for", "1"},
              {"for", "error: for is a reserved word"},
              {"Message{a: 1}", "error: messages are not supported"}});
}

TEST(CelLanguage, SaysWhereParsingStopped) {
  expect_all({{"", "error: expected an expression but the expression ends"},
              {"1 +", "error: expected an expression but the expression ends"},
              {"(1", "error: expected ) but the expression ends"},
              {"[1, 2", "error: expected , or ] but the expression ends"},
              {"{1 2}", "error: expected : instead of 2"},
              {"1 ? 2", "error: expected : but the expression ends"},
              {"a.", "error: expected a name after . but the expression ends"},
              {"1 2", "error: expected an operator or the end instead of 2"},
              {"a = 1", "error: unexpected =, did you mean ==?"},
              {"a & b", "error: unexpected &, did you mean &&?"},
              {"a and b", "error: expected an operator or the end instead of and"}});
}

}  // namespace
}  // namespace personalize::rules::cel::testing
