#include "engine/json/request_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "engine/engine.h"

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
  for (const char* address : {"300.1.1.1", "", "192.0.2.1:80", "[2001:db8::1]", "shop.example", "fe80::1%eth0"})
    EXPECT_THAT(refusal(Json{{"address", address}}.dump().c_str()), HasSubstr("\"address\" must be an IP address"))
        << address;
  for (const char* address : {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "unix:"})
    EXPECT_EQ(refusal(Json{{"address", address}}.dump().c_str()), "") << address;
  for (const char* url : {"", "shop.example", "ftp://shop.example/", "c/tents"})
    EXPECT_THAT(refusal(Json{{"url", url}}.dump().c_str()), HasSubstr("\"url\" must be one such as")) << url;
  EXPECT_EQ(refusal(R"({"method": 1, "url": 1})"), "request: \"url\" must be a string");
}

/// An engine whose rules need the visitor's profile.
class AskedRedis : public testing::Test {
 protected:
  AskedRedis() {
    std::ofstream(path_) << "version: 1\nattributes: { profile: { tier: string } }\nslots: { hero: { select: a } }\n"
                            "rules: [{ id: gold, slot: hero, when: profile.tier == 'gold', do: remove }]\n";
    plugins::Settings settings;
    rules::Diagnostics diagnostics;
    engine_ = Engine::load(std::vector<std::string>{path_}, settings, diagnostics);
    EXPECT_NE(engine_, nullptr);
  }
  ~AskedRedis() override { std::remove(path_.c_str()); }

  const std::string path_ = testing::TempDir() + "asked_redis." + std::to_string(getpid()) + ".yaml";
  std::shared_ptr<const Engine> engine_;
};

TEST_F(AskedRedis, AnswersWhatTheDescriptionDoesNot) {
  const plugins::Reply gold[] = {{.kind = plugins::Reply::Kind::string, .text = "gold"}};
  std::vector<std::string> asked;
  const auto ask = [&](std::span<const std::string_view> command, rules::Arena&) {
    asked.emplace_back(command[1]);
    return tl::expected<plugins::Reply, std::string>({.kind = plugins::Reply::Kind::array, .elements = gold});
  };
  const auto described = DescribedRequest::read(Json::parse(R"({"visitor": "ann"})"));
  Evaluation evaluation(engine_, (*described)->request(), "shop:");
  ASSERT_TRUE((*described)->decide(evaluation, ask).has_value());
  EXPECT_EQ(asked, std::vector<std::string>{"shop:{ann}:profile"});
  EXPECT_EQ(evaluation.decisions().size(), 1u);

  const auto with_profile = DescribedRequest::read(Json::parse(R"({"visitor": "ann", "profile": {}})"));
  Evaluation other(engine_, (*with_profile)->request());
  ASSERT_TRUE((*with_profile)->decide(other, ask).has_value());
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_EQ(other.decisions().size(), 0u);
}

TEST_F(AskedRedis, ThatFailsEndsTheDecision) {
  const auto described = DescribedRequest::read(Json::parse(R"({"visitor": "ann"})"));
  Evaluation evaluation(engine_, (*described)->request());
  const auto decided = (*described)->decide(evaluation, [](std::span<const std::string_view>, rules::Arena&) {
    return tl::expected<plugins::Reply, std::string>(tl::unexpect, "gone");
  });
  ASSERT_FALSE(decided.has_value());
  EXPECT_EQ(decided.error(), "gone");
}

}  // namespace
}  // namespace personalize::engine::json
