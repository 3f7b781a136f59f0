#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/profile/plugin.h"
#include "plugins/profile/timestamp.h"
#include "plugins/profile/typed_value.h"
#include "tests/unit/plugins/resolved.h"

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;
using ::testing::ElementsAre;

class TypedValue : public ::testing::Test {
 protected:
  Value of(std::string_view text, std::string_view type) {
    return typed_value(text, *rules::parse_type(type), memory_);
  }
  bool missing(std::string_view text, std::string_view type) { return of(text, type).missing(); }
  std::vector<std::string> texts(std::string_view text) {
    const Value list = of(text, "list<string>");
    if (list.missing()) return {"missing"};
    std::vector<std::string> all;
    for (const Value& value : list.as_list()) all.emplace_back(value.text());
    return all;
  }
  std::pmr::monotonic_buffer_resource memory_;
};

TEST_F(TypedValue, OfAStringIsTheText) {
  EXPECT_EQ(of("gold", "string").text(), "gold");
  EXPECT_EQ(of("", "string").text(), "");
  EXPECT_EQ(of("<b>x</b>", "html").text(), "<b>x</b>");
  EXPECT_TRUE(missing("caf\xe9", "string"));
  EXPECT_EQ(of("\xff", "bytes").text(), "\xff");
}

TEST_F(TypedValue, OfANumberIsStrict) {
  EXPECT_EQ(of("-42", "int").as_int64(), -42);
  EXPECT_EQ(of("18446744073709551615", "uint").as_uint64(), 18446744073709551615u);
  EXPECT_EQ(of("12.5e2", "double").as_real(), 1250);
  for (std::string_view text : {"", " 1", "1 ", "1.5", "0x10", "+1", "9223372036854775808", "1,000", "one"})
    EXPECT_TRUE(missing(text, "int")) << text;
  EXPECT_TRUE(missing("-1", "uint"));
  for (std::string_view text : {"", "nan", "inf", "1e999", "1.5x", " 1"}) EXPECT_TRUE(missing(text, "double")) << text;
}

TEST_F(TypedValue, OfABoolHasFourForms) {
  EXPECT_TRUE(of("true", "bool").as_bool());
  EXPECT_TRUE(of("1", "bool").as_bool());
  EXPECT_FALSE(of("false", "bool").as_bool());
  EXPECT_FALSE(of("0", "bool").as_bool());
  for (std::string_view text : {"", "yes", "TRUE", "2", "t"}) EXPECT_TRUE(missing(text, "bool")) << text;
}

TEST_F(TypedValue, OfATimestampIsAMoment) {
  EXPECT_EQ(of("2026-11-22T10:00:00Z", "timestamp").seconds(), 1795341600);
  EXPECT_EQ(of("2026-11-22 11:00:00.25+01:00", "timestamp").seconds(), 1795341600);
  EXPECT_EQ(of("2026-11-22T11:00:00.25+01:00", "timestamp").nanos(), 250'000'000);
  EXPECT_EQ(of("1795341600", "timestamp").seconds(), 1795341600);
  EXPECT_EQ(parse_timestamp("-0.25"), (Moment{-1, 750'000'000}));
  for (std::string_view text : {"", "2026-11-22", "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:00:00",
                                "2026-11-22T10:00:00+1:00", "0000-01-01T00:00:00Z", "99999999999999",
                                "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00Z ", "1e9", "."})
    EXPECT_TRUE(missing(text, "timestamp")) << text;
}

TEST_F(TypedValue, OfADurationIsInSeconds) {
  EXPECT_EQ(of("90", "duration").seconds(), 90);
  EXPECT_EQ(of("-1.5s", "duration").seconds(), -1);
  EXPECT_EQ(of("-1.5s", "duration").nanos(), -500'000'000);
  for (std::string_view text : {"", "s", "5m", "--1", "999999999999"}) EXPECT_TRUE(missing(text, "duration")) << text;
}

TEST_F(TypedValue, OfAListIsJsonOrBetweenCommas) {
  EXPECT_THAT(texts("shoes, bags ,hats"), ElementsAre("shoes", "bags", "hats"));
  EXPECT_THAT(texts(R"(["a, b", "c"])"), ElementsAre("a, b", "c"));
  EXPECT_THAT(texts(""), ElementsAre());
  EXPECT_THAT(texts("[]"), ElementsAre());
  EXPECT_THAT(texts("one"), ElementsAre("one"));
  EXPECT_THAT(texts("[1, 2]"), ElementsAre("missing")) << "numbers are no strings";
  EXPECT_THAT(texts(R"(["a")"), ElementsAre("missing"));
  EXPECT_EQ(of("3,1,2", "list<int>").as_list()[1].as_int64(), 1);
  EXPECT_EQ(of("[3, 1]", "list<double>").as_list()[0].as_real(), 3);
  EXPECT_TRUE(missing("1,x", "list<int>"));
  EXPECT_TRUE(missing("[1.5]", "list<int>"));
}

TEST_F(TypedValue, OfAMapIsAJsonObject) {
  const Value map = of(R"({"shoes": 3, "hats": 1})", "map<string, int>");
  ASSERT_EQ(map.as_map().size(), 2u);
  EXPECT_TRUE(missing(R"({"shoes": "many"})", "map<string, int>"));
  EXPECT_TRUE(missing("[1]", "map<string, int>"));
}

TEST_F(TypedValue, SurvivesDeepAndBrokenJson) {
  EXPECT_TRUE(missing(std::string(200'000, '['), "list<string>"));
  EXPECT_TRUE(missing(std::string(100'000, '[') + std::string(100'000, ']'), "list<string>"));
  EXPECT_TRUE(missing("[\"\xff\"]", "list<string>"));
  EXPECT_TRUE(of(std::string(5'000, '[') + std::string(5'000, ']'), "dyn").is(Kind::list));
  EXPECT_TRUE(of("not json", "dyn").is(Kind::string));
  EXPECT_TRUE(of("5", "dyn").is(Kind::int64));
}

class Profile : public ::testing::Test {
 protected:
  Resolved plugin_ = Resolved::of<ProfilePlugin>(
      {}, {{"profile.tier", "string"}, {"profile.value", "double"}, {"profile.address.city", "string"}});
};

TEST_F(Profile, AsksForTheWantedFieldsAtOnce) {
  EXPECT_THAT(plugin_.needs({.visitor = "v-1"}),
              ElementsAre(ElementsAre("HMGET", "personalize:{v-1}:profile", "tier", "value", "address.city")));
}

TEST_F(Profile, AsksNothingForAnonymousOrMalformedVisitors) {
  EXPECT_TRUE(plugin_.needs({}).empty());
  EXPECT_TRUE(plugin_.needs({.visitor = "a}:profile b"}).empty());
}

TEST_F(Profile, TakesWhatIsOfTheDeclaredType) {
  const Reply fields[] = {{.kind = Reply::Kind::string, .text = "gold"},
                          {.kind = Reply::Kind::string, .text = "a lot"},
                          {.kind = Reply::Kind::nil}};
  const Reply reply[] = {{.kind = Reply::Kind::array, .elements = fields}};
  plugin_.resolve({.visitor = "v-1"}, reply);
  EXPECT_EQ(plugin_.text("profile.tier"), "gold");
  EXPECT_TRUE(plugin_["profile.value"].missing());
  EXPECT_TRUE(plugin_["profile.address.city"].missing());
  ASSERT_EQ(plugin_.metrics().size(), 1u);
  EXPECT_EQ(plugin_.metrics()[0].name, "profile_mistyped_total");
  EXPECT_EQ(plugin_.metrics()[0].value, 1) << "what is not there is not of the wrong type";
}

TEST_F(Profile, IsMissingWithoutAUsableReply) {
  const Reply one[] = {{.kind = Reply::Kind::string, .text = "gold"}};
  for (const Reply& bad :
       {Reply{}, Reply{.kind = Reply::Kind::nil}, Reply{.kind = Reply::Kind::error, .text = "WRONGTYPE"},
        Reply{.kind = Reply::Kind::string, .text = "gold"}, Reply{.kind = Reply::Kind::integer},
        Reply{.kind = Reply::Kind::array, .elements = one}}) {
    plugin_.resolve({.visitor = "v-1"}, {&bad, 1});
    EXPECT_TRUE(plugin_["profile.tier"].missing());
  }
  plugin_.resolve({.visitor = "v-1"}, {});
  EXPECT_TRUE(plugin_["profile.tier"].missing());
}

}  // namespace
}  // namespace personalize::plugins
