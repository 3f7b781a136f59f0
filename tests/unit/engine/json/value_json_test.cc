#include "engine/json/value_json.h"

#include <gtest/gtest.h>

#include <memory_resource>

namespace personalize::engine::json {
namespace {

using rules::Kind;

class ValueJson : public testing::Test {
 protected:
  /// Back as JSON, or why it is not of that type.
  std::string back(const char* text, const rules::Type& type) {
    const auto value = from_json(Json::parse(text), type, arena_);
    return value ? to_json(*value).dump() : value.error();
  }

  std::pmr::monotonic_buffer_resource arena_;
};

TEST_F(ValueJson, SurvivesTheWayThereAndBack) {
  EXPECT_EQ(back("true", {.kind = Kind::boolean}), "true");
  EXPECT_EQ(back("-3", {.kind = Kind::int64}), "-3");
  EXPECT_EQ(back("\"a\"", {.kind = Kind::string}), "\"a\"");
  EXPECT_EQ(back("null", {.kind = Kind::string}), "null");
  EXPECT_EQ(back("[1,2]", {.kind = Kind::list, .element = Kind::int64}), "[1,2]");
  EXPECT_EQ(back(R"({"a":1.5})", {.kind = Kind::map, .element = Kind::real}), R"({"a":1.5})");
  EXPECT_EQ(back("\"2026-12-24T18:00:00+01:00\"", {.kind = Kind::timestamp}), "\"2026-12-24T17:00:00Z\"");
  EXPECT_EQ(back(R"([{"a":["b",1]}])", {.kind = Kind::list}), R"([{"a":["b",1]}])");
}

TEST_F(ValueJson, OfAnotherTypeIsRefusedWithBoth) {
  EXPECT_EQ(back("1", {.kind = Kind::string}), "1 is not of type string");
  EXPECT_EQ(back("-1", {.kind = Kind::uint64}), "-1 is not of type uint");
  EXPECT_EQ(back("\"soon\"", {.kind = Kind::timestamp}), "\"soon\" is not of type timestamp");
  EXPECT_EQ(back("[1,\"2\"]", {.kind = Kind::list, .element = Kind::int64}), "\"2\" is not of type list<int>");
  EXPECT_EQ(back("{}", {.kind = Kind::list}), "{} is not of type list<dyn>");
}

}  // namespace
}  // namespace personalize::engine::json
