// Conditions split into predicates.
#include "rules/cel/predicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rules/cel/expressions.h"

namespace personalize::rules::cel::testing {
namespace {

using Shape = Predicate::Shape;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CelPredicates : public ::testing::Test {
 protected:
  CelPredicates() {
    const Environment::Segment segments[] = {{"wet", "weather.raining && weather.temperature_c < 18.0"}};
    std::vector<Environment::SegmentError> errors;
    visitor.environment.add_segments(segments, errors);
  }
  std::vector<Predicate> split(std::string_view condition) {
    programs.push_back(visitor.compile(condition));
    return predicates(*programs.back());
  }
  std::string key(std::string_view condition) {
    const auto found = split(condition);
    return found.size() == 1 ? found[0].key : "";
  }
  bool holds(const Predicate& predicate) { return predicate.holds(visitor.context(), visitor.arena); }

  Visitor visitor;
  std::vector<std::unique_ptr<Program>> programs;
};

TEST_F(CelPredicates, AreTheOperandsOfAndAlsoInSegments) {
  const auto found = split("segments.wet && (geo.country == 'DE' && !(time.hour > 20 || has(geo.city)))");
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[0].shape, Shape::truth);
  EXPECT_EQ(found[1].shape, Shape::other);
  EXPECT_EQ(found[2].shape, Shape::equals);
  EXPECT_TRUE(found[3].negated);
  EXPECT_EQ(found[4].shape, Shape::known);
  EXPECT_TRUE(found[4].negated);
  for (const Predicate& predicate : found) EXPECT_TRUE(holds(predicate)) << predicate.key;
}

TEST_F(CelPredicates, RecognizeComparisonsWithConstantsHoweverTheyAreWritten) {
  for (const std::string_view text : {"geo.country in ['DE', 'AT']", "geo.country == 'AT' || 'DE' == geo.country",
                                      "geo.country in ['AT'] || geo.country == 'DE' || geo.country == 'AT'"}) {
    const auto found = split(text);
    ASSERT_EQ(found.size(), 1u) << text;
    EXPECT_EQ(found[0].shape, Shape::equals);
    EXPECT_EQ(found[0].attribute, *visitor.schema.find("geo.country"));
    EXPECT_EQ(found[0].key, key("geo.country in ['DE', 'AT']")) << text;
    EXPECT_TRUE(holds(found[0]));
  }
  EXPECT_EQ(split("geo.country == 'DE' || device.type == 'phone'")[0].shape, Shape::other);
}

TEST_F(CelPredicates, TellAComparisonFromItsOpposite) {
  const auto different = split("geo.country != 'FR'");
  EXPECT_EQ(different[0].shape, Shape::equals);
  EXPECT_TRUE(different[0].negated);
  EXPECT_TRUE(holds(different[0]));
  EXPECT_EQ(different[0].key, key("!(geo.country == 'FR')"));
  EXPECT_NE(different[0].key, key("geo.country == 'FR'"));
  EXPECT_FALSE(holds(split("!(geo.country != 'FR')")[0]));
  EXPECT_FALSE(holds(split("profile.tier != 'gold'")[0]));  // not known
}

TEST_F(CelPredicates, RecognizeListsThatContainAConstant) {
  const auto found = split("'shoes' in profile.interests");
  EXPECT_EQ(found[0].shape, Shape::contains);
  EXPECT_EQ(found[0].constants[0].text(), "shoes");
  EXPECT_TRUE(holds(found[0]));
}

TEST_F(CelPredicates, HaveTheSameKeyOnlyIfTheyAreTheSame) {
  EXPECT_EQ(key("time.hour  >=  8"), key("time.hour >= 8"));
  EXPECT_NE(key("time.hour >= 8"), key("time.hour >= 9"));
  EXPECT_NE(key("time.hour >= 8"), key("time.hour > 8"));
  EXPECT_NE(key("profile.interests.all(i, i > 'a')"), key("profile.interests.exists(i, i > 'a')"));
  EXPECT_EQ(key("profile.interests.all(i, i > 'a')"), key("profile.interests.all(j, j > 'a')"));
  EXPECT_NE(key("geo.country == '1'"), key("time.hour == 1"));
  EXPECT_NE(key("request.cookies.a == 'x'"), key("request.cookies.b == 'x'"));
}

TEST_F(CelPredicates, AreNoneWhereTheConditionIsAlwaysTrue) {
  EXPECT_THAT(split("1 < 2"), IsEmpty());
  const auto never = split("1 > 2");
  ASSERT_EQ(never.size(), 1u);
  EXPECT_FALSE(holds(never[0]));
}

TEST(CelValueIndex, FindsNumbersByEqualValues) {
  ValueIndex index;
  index.add(Value::string("DE"), 1);
  index.add(Value::string("FR"), 2);
  index.add(Value::string("DE"), 3);
  index.add(Value::int64(7), 4);
  index.build();
  const auto find = [&](const Value& v) {
    const auto found = index.find(v);
    return std::vector<std::uint32_t>(found.begin(), found.end());
  };
  EXPECT_THAT(find(Value::string("DE")), ElementsAre(1, 3));
  EXPECT_THAT(find(Value::real(7.0)), ElementsAre(4));
  EXPECT_THAT(find(Value::string("IT")), IsEmpty());
  EXPECT_THAT(find(Value()), IsEmpty());
}

TEST(CelValueIndex, KeepsThousandsApart) {
  ValueIndex index;
  for (std::uint32_t i = 0; i < 10000; ++i) index.add(Value::int64(i % 5000), i);
  index.build();
  for (std::uint32_t i = 0; i < 5000; ++i) EXPECT_THAT(index.find(Value::uint64(i)), ElementsAre(i, i + 5000));
}

TEST(CelValueIndex, IsEmptyUntilSomethingIsAdded) {
  ValueIndex index;
  EXPECT_TRUE(index.find(Value::int64(1)).empty());
  index.build();
  EXPECT_TRUE(index.find(Value::int64(1)).empty());
}

}  // namespace
}  // namespace personalize::rules::cel::testing
