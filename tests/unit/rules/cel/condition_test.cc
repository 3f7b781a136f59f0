// Conditions on attributes: type checks when they are compiled, missing attributes, segments, explanations.
#include <gtest/gtest.h>

#include "tests/unit/rules/cel/expressions.h"

namespace personalize::rules::cel::testing {
namespace {

TEST(CelCondition, ReadsAttributes) {
  Visitor visitor;
  EXPECT_TRUE(visitor.holds(R"(geo.country == "DE" && weather.temperature_c < 18.0)"));
  EXPECT_FALSE(visitor.holds(R"(geo.country in ["GB", "IE"])"));
  EXPECT_TRUE(visitor.holds(R"("shoes" in profile.interests && request.cookies.seen == "yes")"));
  EXPECT_TRUE(visitor.holds(R"(profile.interests.exists(i, i.startsWith("ha")))"));
  EXPECT_TRUE(visitor.holds(R"(time.now.getHours("Europe/Berlin") == 16)"));
}

TEST(CelCondition, ComparesIntegersWithDoublesAsPeopleWriteThem) {
  Visitor visitor;
  EXPECT_TRUE(visitor.holds("weather.temperature_c < 18 && time.hour >= 8.5"));
}

TEST(CelCondition, ListsTheAttributesItMentionsAlsoThroughSegments) {
  Visitor visitor;
  std::vector<Environment::SegmentError> errors;
  const Environment::Segment segments[] = {{"vip", "profile.lifetime_value > 1000.0"}};
  visitor.environment.add_segments(segments, errors);
  const auto program = visitor.compile(R"(segments.vip && geo.country == "DE" && has(geo.city))");
  ASSERT_TRUE(program);
  std::vector<std::string> names;
  for (const AttributeId id : program->attributes()) names.push_back(visitor.schema[id].name);
  EXPECT_EQ(names, (std::vector<std::string>{"geo.country", "geo.city", "profile.lifetime_value"}));
}

TEST(CelCondition, IsNotTrueWhereAnAttributeIsMissingAndSaysSo) {
  Visitor visitor;
  const auto program = visitor.compile(R"(profile.tier == "gold")");
  ASSERT_TRUE(program);
  const Value value = visitor.evaluate(*program);
  EXPECT_FALSE(value.is_true());
  EXPECT_TRUE(value.is_missing_attribute());
  EXPECT_EQ(value.text(), "missing attribute profile.tier");
}

TEST(CelCondition, TellsMissingAttributesFromMistakes) {
  Visitor visitor;
  const auto program = visitor.compile(R"(request.cookies["none"] == "")");
  ASSERT_TRUE(program);
  const Value value = visitor.evaluate(*program);
  EXPECT_TRUE(value.is(Kind::error));
  EXPECT_FALSE(value.is_missing_attribute());
}

TEST(CelCondition, HoldsDespiteAMissingAttributeThatDoesNotMatter) {
  Visitor visitor;
  EXPECT_TRUE(visitor.holds(R"(profile.tier == "gold" || geo.country == "DE")"));
  EXPECT_FALSE(visitor.holds(R"(!(profile.tier == "gold"))"));
  EXPECT_TRUE(visitor.holds(R"(!(profile.tier == "gold" && geo.country == "FR"))"));
}

TEST(CelCondition, AsksWhetherAttributesAreKnown) {
  Visitor visitor;
  EXPECT_TRUE(visitor.holds("has(geo.country) && !has(profile.tier)"));
  EXPECT_TRUE(visitor.holds(R"(profile.?tier.orValue("none") == "none")"));
  EXPECT_TRUE(visitor.holds(R"(geo.?country.orValue("none") == "DE")"));
  EXPECT_TRUE(visitor.holds(R"(request.cookies[?"none"].orValue("") == "" && request.?cookies.?seen.hasValue())"));
}

TEST(CelCondition, SuggestsNamesForMisspelledOnes) {
  Visitor visitor;
  EXPECT_EQ(visitor.check(R"(geo.contry == "DE")"), "0: unknown attribute geo.contry, did you mean geo.country?");
  EXPECT_EQ(visitor.check(R"(true && country == "DE")"), "8: unknown attribute country, did you mean geo.country?");
  EXPECT_EQ(visitor.check("geo == 1"), "0: geo is a namespace, name one of its attributes, like geo.country");
  EXPECT_EQ(visitor.check(R"(geo.country.startWith("D"))"), "12: unknown function startWith, did you mean startsWith?");
  EXPECT_EQ(visitor.check("profile.interests.exist(i, true)"), "18: unknown function exist, did you mean exists?");
}

TEST(CelCondition, RefusesTypesThatDoNotFit) {
  Visitor visitor;
  EXPECT_EQ(visitor.check("geo.country"), "0: a condition must be bool, this is string");
  EXPECT_EQ(visitor.check("geo.country == 5"), "12: string and int are never equal");
  EXPECT_EQ(visitor.check("geo.country in [1, 2]"), "12: string is never in list(int)");
  EXPECT_EQ(visitor.check("geo.country < 5"), "12: cannot use < on string and int");
  EXPECT_EQ(visitor.check("weather.temperature_c + 1 < 18.0"),
            "22: cannot use + on double and int, convert one of them, like double(x)");
  EXPECT_EQ(visitor.check("geo.country.startsWith(1)"),
            "12: startsWith() cannot be used on string and int, there is string.startsWith(string)");
  EXPECT_EQ(visitor.check(R"(geo.country.startsWith("a", "b"))"),
            "12: wrong number of arguments, expected string.startsWith(string)");
  EXPECT_EQ(visitor.check("geo.country.name == 1"), "12: string has no fields, so no name");
  EXPECT_EQ(visitor.check("geo.country && true"), "0: && needs bool, this is string");
  EXPECT_EQ(visitor.check("time.hour ? true : false"), "0: the condition before ? needs bool, this is int");
  EXPECT_EQ(visitor.check("profile.interests.all(i, i > 5)"), "27: cannot use > on string and int");
  EXPECT_EQ(visitor.check("time.hour.all(i, true)"), "10: all() cannot be used on int");
  EXPECT_EQ(visitor.check("time.hour[0] == 1"), "9: only lists and maps have elements, this is int");
  EXPECT_EQ(visitor.check(R"(profile.interests["a"] == "b")"), "18: list(string) has no elements by string");
}

TEST(CelCondition, FindsMistakesInConstantsWhenItIsCompiled) {
  Visitor visitor;
  EXPECT_EQ(visitor.check(R"(time.now > timestamp("tomorrow"))"),
            "11: text is not a timestamp like 2026-12-24T18:00:00+01:00");
  EXPECT_EQ(visitor.check(R"(time.now.getHours("Europe/Lodnon") == 1)"), "18: unknown time zone Europe/Lodnon");
  EXPECT_EQ(visitor.check(R"(geo.city.matches("[a-z"))"), "17: malformed regular expression: missing ]: [a-z");
  EXPECT_EQ(visitor.check("time.hour > 1 / 0"), "14: division by zero");
}

TEST(CelCondition, ReportsAllMistakesAtOnceInTheirOrder) {
  Visitor visitor;
  visitor.compile(R"(geo.contry == "DE" && time.hour == "x" && profile.teir == "gold")");
  ASSERT_EQ(visitor.errors.size(), 3u);
  EXPECT_EQ(visitor.errors[0].offset, 0u);
  EXPECT_EQ(visitor.errors[1].message, "int and string are never equal");
  EXPECT_EQ(visitor.errors[2].message, "unknown attribute profile.teir, did you mean profile.tier?");
}

TEST(CelCondition, KnowsWhatIsAlwaysTheSame) {
  Visitor visitor;
  EXPECT_TRUE(visitor.compile("1 < 2 || geo.country == 'DE'")->constant()->is_true());
  EXPECT_TRUE(visitor.compile("[1, 2, 3].exists(x, x == 3)")->constant()->is_true());
  EXPECT_FALSE(visitor.compile("geo.country == 'DE' && 2 < 1")->constant()->is_true());
  EXPECT_FALSE(visitor.compile("[1].exists(x, x == time.hour)")->constant());
}

TEST(CelCondition, FindsMembersOfLongConstantLists) {
  Visitor visitor;
  std::string list = "[";
  for (int i = 0; i < 5000; ++i) list += std::to_string(i * 7) + ", ";
  EXPECT_TRUE(visitor.holds("time.hour * 7 in " + list + "]"));
  EXPECT_FALSE(visitor.holds("time.hour in " + list + "]"));
  EXPECT_TRUE(visitor.holds("63.0 in " + list + "]"));
}

class CelSegments : public ::testing::Test {
 protected:
  void add(std::vector<Environment::Segment> segments) {
    segments_ = std::move(segments);
    visitor.environment.add_segments(segments_, errors);
  }
  std::vector<Environment::Segment> segments_;
  std::vector<Environment::SegmentError> errors;
  Visitor visitor;
};

TEST_F(CelSegments, MentionEachOtherInAnyOrder) {
  add({{"wet_vip", "segments.vip && segments.wet"}, {"vip", "geo.country == 'DE'"}, {"wet", "weather.raining"}});
  EXPECT_TRUE(errors.empty());
  EXPECT_TRUE(visitor.holds("segments.wet_vip"));
  EXPECT_FALSE(visitor.holds("!segments.wet_vip"));
}

TEST_F(CelSegments, RefuseCircles) {
  add({{"a", "segments.b"},
       {"b", "segments.c"},
       {"c", "segments.a"},
       {"self", "!segments.self"},
       {"good", "weather.raining"}});
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].segment, 2u);
  EXPECT_EQ(errors[0].error.message, "segment c refers to itself through a");
  EXPECT_EQ(errors[1].error.message, "segment self refers to itself");
  EXPECT_TRUE(visitor.holds("segments.good"));
}

TEST_F(CelSegments, ReportTheirOwnMistakesOnce) {
  add({{"bad", "geo.contry == 'DE'"}});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].error.offset, 0u);
  EXPECT_EQ(visitor.check("segments.bad && weather.raining"), "ok");
  EXPECT_EQ(visitor.check("segments.bat"), "9: unknown segment bat, did you mean bad?");
}

TEST_F(CelSegments, AreEvaluatedOncePerRequest) {
  add({{"wet", "weather.raining"}});
  const auto program = visitor.compile("segments.wet");
  ASSERT_TRUE(program);
  const Context context = visitor.context();
  Value values[1];
  EXPECT_TRUE(program->evaluate(context, visitor.arena, values).is_true());
  EXPECT_TRUE(values[0].is_true());
  values[0] = Value::boolean(false);  // what is there is taken as it is
  EXPECT_FALSE(program->evaluate(context, visitor.arena, values).is_true());
}

TEST_F(CelSegments, MayFormLongChainsButNotEndlessOnes) {
  std::vector<Environment::Segment> chain = {{"s0", "weather.raining"}};
  for (int i = 1; i < 5000; ++i) chain.push_back({"s" + std::to_string(i), "segments.s" + std::to_string(i - 1)});
  add(chain);
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors[0].error.message, "expression and its segments are nested too deeply");
  EXPECT_TRUE(visitor.holds("segments.s400"));
}

TEST(CelExplanation, NamesTheOperandThatDecided) {
  Visitor visitor;
  EXPECT_EQ(visitor.explain(R"(weather.raining && geo.country in ["GB", "IE"])"),
            R"(geo.country in ["GB", "IE"] is false: geo.country = "DE")");
  EXPECT_EQ(visitor.explain(R"(geo.country == "FR" || time.hour > 20)"),
            R"(geo.country == "FR" is false: geo.country = "DE"; time.hour > 20 is false: time.hour = 9)");
  EXPECT_EQ(visitor.explain("weather.raining && time.hour < 10"),
            "weather.raining is true; time.hour < 10 is true: time.hour = 9");
  EXPECT_EQ(visitor.explain("!(weather.raining && time.hour < 10)"),
            "weather.raining is true; time.hour < 10 is true: time.hour = 9");
}

TEST(CelExplanation, NamesWhatIsNotKnown) {
  Visitor visitor;
  EXPECT_EQ(visitor.explain(R"(weather.raining && profile.tier == "gold")"), "profile.tier is not known");
  EXPECT_EQ(visitor.explain("has(profile.tier)"), "has(profile.tier) is false");
  EXPECT_EQ(visitor.explain(R"(profile.?tier.orValue("none") == "gold")"),
            R"(profile.?tier.orValue("none") == "gold" is false: profile.tier is not known)");
}

TEST(CelExplanation, NamesWhatFailed) {
  Visitor visitor;
  EXPECT_EQ(visitor.explain("1 / (time.hour - 9) == 1"),
            "1 / (time.hour - 9) == 1 failed: division by zero: time.hour = 9");
}

TEST(CelExplanation, LooksThroughSegments) {
  Visitor visitor;
  std::vector<Environment::SegmentError> errors;
  const Environment::Segment segments[] = {{"cold", "weather.raining &&\n  weather.temperature_c < 5.0"}};
  visitor.environment.add_segments(segments, errors);
  EXPECT_EQ(visitor.explain("segments.cold"),
            "segments.cold: weather.temperature_c < 5.0 is false: weather.temperature_c = 12.5");
}

TEST(CelExplanation, ShortensLongValues) {
  Visitor visitor;
  const std::string long_name(1000, 'x');
  visitor.add("request.path", "string", Value::string(long_name));
  EXPECT_LT(visitor.explain("request.path == 'a'").size(), 200u);
}

}  // namespace
}  // namespace personalize::rules::cel::testing
