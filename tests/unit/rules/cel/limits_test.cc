// Hostile expressions: whatever is in them, compiling and evaluating ends soon and within bounds.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/rules/cel/expressions.h"

namespace personalize::rules::cel::testing {
namespace {

std::string repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string nested(std::string_view open, std::string_view core, std::string_view close, int depth) {
  return repeat(open, depth) + std::string(core) + repeat(close, depth);
}

/// Memory that counts what is taken from it.
class CountingArena : public std::pmr::memory_resource {
 public:
  std::size_t taken = 0;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    taken += bytes;
    return arena_.allocate(bytes, alignment);
  }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }
  std::pmr::monotonic_buffer_resource arena_;
};

TEST(CelLimits, AllowsNestingThatPeopleWrite) {
  EXPECT_EQ(value_of(nested("(", "1", ")", 100)), "1");
  EXPECT_EQ(value_of("size(" + nested("[", "1", "]", 60) + ")"), "1");
  EXPECT_EQ(value_of(repeat("!", 100) + "true"), "true");
}

TEST(CelLimits, RefusesNestingWithoutRecursingIntoIt) {
  const std::string message = "error: expression is nested too deeply";
  for (const int depth : {251, 5000, 12000}) {
    EXPECT_EQ(value_of(nested("(", "1", ")", depth)), message);
    EXPECT_EQ(value_of(nested("[", "1", "]", depth)), message);
    EXPECT_EQ(value_of(nested("{1:", "1", "}", depth)), message);
    EXPECT_EQ(value_of(repeat("!", depth) + "true"), message);
    EXPECT_EQ(value_of(repeat("!-", depth) + "1"), message);
    EXPECT_EQ(value_of("a" + repeat(".b", depth)), message);
    EXPECT_EQ(value_of("a" + repeat("[0]", depth)), message);
    EXPECT_EQ(value_of(repeat("a?b:", depth) + "1"), message);
    EXPECT_EQ(value_of("1" + repeat(" +1", depth)), message);
  }
}

TEST(CelLimits, AllowsManyOperandsOfAndAndOr) {
  EXPECT_EQ(value_of("true" + repeat(" && true", 5000)), "true");
  EXPECT_EQ(value_of("false" + repeat(" || false", 5000)), "false");
}

TEST(CelLimits, RefusesLongExpressions) {
  EXPECT_EQ(value_of(std::string(max_source_bytes + 1, ' ')), "error: expression is longer than 64 KiB");
}

TEST(CelLimits, RefusesConditionsThatMayTakeTooLong) {
  Visitor visitor;
  EXPECT_EQ(visitor.check("profile.interests.all(a, profile.interests.all(b, a != b))"), "ok");
  EXPECT_NE(visitor
                .check("profile.interests.all(a, profile.interests.all(b, profile.interests.all(c, "
                       "profile.interests.all(d, a + b != c + d))))")
                .find("may take too long"),
            std::string::npos);
}

TEST(CelLimits, StopsEvaluationsThatTakeTooLong) {
  Visitor visitor;
  std::vector<Value> many(3000, Value::string("x"));
  visitor.add("profile.history", "list<string>", Value::list(many));
  const auto program = visitor.compile("profile.history.all(a, profile.history.all(b, a == b))");
  ASSERT_TRUE(program);
  const Value value = visitor.evaluate(*program);
  EXPECT_TRUE(value.is(Kind::error));
  EXPECT_EQ(value.text(), "expression costs too much");
}

TEST(CelLimits, BoundsMemoryOfWhatDoublesItself) {
  for (const std::string_view seed : {"'0123456789abcdef'", "[1, 2]", "[[1], [2]]"}) {
    std::string expression = "cel.bind(x0, dyn(" + std::string(seed) + "), ";
    constexpr int rounds = 60;
    for (int i = 1; i < rounds; ++i) {
      const std::string before = "x" + std::to_string(i - 1);
      expression += "cel.bind(x" + std::to_string(i) + ", " + before + " + " + before + ", ";
    }
    expression += "size(x" + std::to_string(rounds - 1) + ") > 0" + std::string(rounds, ')');
    Schema schema;
    Environment environment(schema);
    environment.set_unchecked(true);
    std::vector<Error> errors;
    const auto program = Program::compile(expression, environment, errors);
    if (!program) continue;  // refused: fine too
    CountingArena arena;
    Context context(schema, arena);
    EXPECT_TRUE(program->evaluate(context, arena).is(Kind::error));
    EXPECT_LT(arena.taken, 8u << 20);
  }
}

TEST(CelLimits, BoundsTimeOfComparingWhatSharesItsParts) {
  std::string expression = "cel.bind(x0, dyn([1]), ";
  constexpr int rounds = 60;
  for (int i = 1; i < rounds; ++i) {
    const std::string before = "x" + std::to_string(i - 1);
    expression += "cel.bind(x" + std::to_string(i) + ", [" + before + ", " + before + "], ";
  }
  const std::string last = "x" + std::to_string(rounds - 1);
  for (const std::string& body :
       {last + " == " + last, last + " in [" + last + "]", "'%s'.format([" + last + "]) == ''",
        last + ".flatten(100) == []", "{'a': " + last + "} == {'a': " + last + "}"}) {
    Schema schema;
    Environment environment(schema);
    environment.set_unchecked(true);
    std::vector<Error> errors;
    const auto program = Program::compile(expression + body + std::string(rounds, ')'), environment, errors);
    if (!program) continue;
    CountingArena arena;
    Context context(schema, arena);
    EXPECT_TRUE(program->evaluate(context, arena).is(Kind::error)) << body;
    EXPECT_LT(arena.taken, 16u << 20);
  }
}

TEST(CelLimits, LimitsVariables) {
  EXPECT_EQ(value_of(nested("cel.bind(x, 1, ", "x", ")", 60)), "1");
  Visitor visitor;
  EXPECT_NE(visitor.check(nested("[1].all(x, ", "true", ")", 65)).find("too many variables at once"),
            std::string::npos);
}

// Expressions put together from pieces at random, and good ones with bytes changed: there is a result or an
// error, and nothing else happens.
TEST(CelLimits, SurvivesRandomExpressions) {
  constexpr std::string_view pieces[] = {"geo.country",
                                         "profile.tier",
                                         "time.hour",
                                         "1",
                                         "2.5",
                                         "3u",
                                         "'a'",
                                         "b'\\xff'",
                                         "[",
                                         "]",
                                         "(",
                                         ")",
                                         "{",
                                         "}",
                                         ":",
                                         ",",
                                         ".",
                                         "?",
                                         " + ",
                                         " - ",
                                         "*",
                                         "/",
                                         "%",
                                         " == ",
                                         " != ",
                                         " < ",
                                         " && ",
                                         " || ",
                                         "!",
                                         " in ",
                                         "has(",
                                         ".all(x, ",
                                         ".map(y, ",
                                         ".exists(i, v, ",
                                         "size(",
                                         ".?",
                                         "[?",
                                         "cel.bind(z, ",
                                         "optional.of(",
                                         ".orValue(",
                                         "x",
                                         "y",
                                         "null",
                                         "true",
                                         ".matches('a+')",
                                         ".format([",
                                         "timestamp(",
                                         "duration('1s')",
                                         "\\",
                                         "\"",
                                         "`",
                                         "\xc3",
                                         "segments.a"};
  std::mt19937 random(20261122);
  Visitor visitor;
  for (int round = 0; round < 20000; ++round) {
    std::string expression;
    const auto count = 1 + random() % 12;
    for (unsigned i = 0; i < count; ++i) expression += pieces[random() % std::size(pieces)];
    visitor.environment.set_unchecked(round % 2 == 0);
    const auto program = visitor.compile(expression, Program::Result::any);
    if (!program) {
      ASSERT_FALSE(visitor.errors.empty()) << expression;
      for (const Error& error : visitor.errors) ASSERT_LE(error.offset, expression.size()) << expression;
      continue;
    }
    const Value value = visitor.evaluate(*program);
    to_source(value);
    program->explain(visitor.context(), visitor.arena);
  }
}

}  // namespace
}  // namespace personalize::rules::cel::testing
