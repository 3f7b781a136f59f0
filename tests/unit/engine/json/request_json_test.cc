#include "engine/json/request_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace personalize::engine::json {
namespace {

using testing::HasSubstr;

std::string refusal(const char* text) {
  const auto request = DescribedRequest::read(Json::parse(text));
  return request ? std::string() : request.error();
}

TEST(DescribedRequest, SplitsTheUrlAsAServerWould) {
  const auto described = DescribedRequest::read(
      Json::parse(R"({"url": "http://u@Shop.Example:8080/a%20b?c=%20d#e", "at": "1970-01-01"})"));
  ASSERT_TRUE(described.has_value()) << described.error();
  const plugins::Request& request = (*described)->request();
  EXPECT_EQ(request.scheme, "http");
  EXPECT_EQ(request.host, "shop.example");
  EXPECT_EQ(request.path, "/a b");
  EXPECT_EQ(request.query, "c=%20d");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.now_us, 0);
}

TEST(DescribedRequest, AProfileMakesAVisitor) {
  const auto with_profile = DescribedRequest::read(Json::parse(R"({"profile": {}})"));
  const auto with_reply = DescribedRequest::read(Json::parse(R"({"redis": {"GET x": "1"}})"));
  const auto without = DescribedRequest::read(Json::parse(R"({"redis": {}})"));
  ASSERT_TRUE(with_profile && with_reply && without);
  EXPECT_EQ((*with_profile)->request().visitor, "visitor");
  EXPECT_EQ((*with_reply)->request().visitor, "visitor");
  EXPECT_EQ((*without)->request().visitor, "");
}

TEST(DescribedRequest, NamesTheMemberThatIsWrong) {
  EXPECT_EQ(refusal("[]"), "request: must be a JSON object");
  EXPECT_EQ(refusal(R"({"url": 1})"), "request: \"url\" must be a string");
  EXPECT_EQ(refusal(R"({"headers": []})"), "request: \"headers\" must be an object");
  EXPECT_EQ(refusal(R"({"profile": "x"})"), "request: \"profile\" must be an object");
  EXPECT_THAT(refusal(R"({"visitor": "a b"})"), HasSubstr("\"visitor\" must be 1 to 128 of"));
  EXPECT_THAT(refusal(R"({"at": "yesterday"})"), HasSubstr("is not a time such as"));
  EXPECT_EQ(refusal(R"({"method": 1, "url": 1})"), "request: \"url\" must be a string");
}

}  // namespace
}  // namespace personalize::engine::json
