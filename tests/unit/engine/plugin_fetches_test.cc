// What plugins fetch besides keys of the visitor, what rules tell them of their content, and what they add to
// responses.
#include <gmock/gmock.h>

#include "plugins/location_fetch.h"
#include "plugins/response_fields.h"
#include "tests/unit/engine/third_party.h"

namespace personalize::engine {
namespace {

using plugins::Reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> texts(std::span<const plugins::Fetch> fetches) {
  std::vector<std::string> all;
  for (const plugins::Fetch& fetch : fetches) {
    std::string& text = all.emplace_back(fetch.location);
    if (!fetch.query.empty()) (text += '?') += fetch.query;
    if (fetch.asks_location()) text += " " + std::to_string(fetch.timeout.count());
    for (std::string_view word : fetch.command) (text += text.empty() ? "" : " ") += word;
  }
  return all;
}

class PluginFetches : public ThirdParty {
 protected:
  /// An evaluation of a rule that wants content of a plugin with these parts.
  std::unique_ptr<Evaluation> evaluate(const std::string& parts, const std::string& content = "p",
                                       const plugins::Request& request = ThirdParty::request()) {
    settings_.plugins.clear();
    use(write("p.lua", "return { name = 'p', " + parts + " }"));
    const auto engine =
        load_text("version: 1\nslots: { a: { select: a } }\nrules:\n  - { id: r, slot: a, content: " + content +
                  ", do: { inner: '{{content}}' } }\n");
    if (!engine) return nullptr;
    auto evaluation = std::make_unique<Evaluation>(engine, request);
    evaluation->resolve();
    return evaluation;
  }
  std::vector<std::string> fetched(const std::string& list, const plugins::Request& request = ThirdParty::request()) {
    const auto evaluation =
        evaluate("content_needs = function() return " + list + " end, content = function() end", "p", request);
    auto all = texts(evaluation->fetch_content());
    if (!evaluation->plugin_failure().empty()) all.emplace_back(evaluation->plugin_failure());
    return all;
  }
};

TEST_F(PluginFetches, MayBeOfKeysThatAreNobodys) {
  const std::string list = R"({ { "GET", "own" }, { shared = { "ZREVRANGE", "trending", "0", "9" } } })";
  EXPECT_THAT(fetched(list), ElementsAre("GET personalize:{alice}:own", "ZREVRANGE personalize:trending 0 9"));
  auto nobody = request();
  nobody.visitor = {};
  EXPECT_THAT(fetched(list, nobody), ElementsAre("ZREVRANGE personalize:trending 0 9"));
  settings_.consent.required = true;
  EXPECT_THAT(fetched(list), ElementsAre("ZREVRANGE personalize:trending 0 9"));
}

TEST_F(PluginFetches, OfSharedKeysCannotReachVisitorsKeysOrWrite) {
  for (const char* name : {"{alice}:profile", "a{b", "a b", ""})
    EXPECT_THAT(fetched(std::string("{ { shared = { 'GET', '") + name + "' } } }"),
                ElementsAre(HasSubstr("cannot be part of a Redis key")))
        << name;
  EXPECT_THAT(fetched("{ { shared = { 'SET', 'a', 'b' } } }"), ElementsAre(HasSubstr("plugins may not ask with")));
  EXPECT_THAT(fetched("{ { shared = { 'GET', 'a' }, tiemout = 5 } }"), ElementsAre(HasSubstr("means nothing")));
}

TEST_F(PluginFetches, MayBeOfLocations) {
  EXPECT_THAT(fetched(R"({ { location = "/_recommend/v1", timeout = 50,
                             query = { visitor = "a&b=c #%", n = 4, all = true } } })"),
              ElementsAre("/_recommend/v1?all=true&n=4&visitor=a%26b%3Dc%20%23%25 50"));
  EXPECT_THAT(fetched(R"({ { location = "/", timeout = 60000 } })"), ElementsAre("/ 60000"));
  auto nobody = request();
  nobody.visitor = {};
  EXPECT_THAT(fetched(R"({ { location = "/x", timeout = 1 } })", nobody), ElementsAre("/x 1"));
}

TEST_F(PluginFetches, OfLocationsCannotBeWrittenInTwoWays) {
  for (const char* path :
       {"", "x", "/a/../b", "/a/./b", "//a", "/a//b", "/a?b", "/a#b", "/a%2f", "/a b", "/a\\n", "/ä", "/.."})
    EXPECT_THAT(fetched(std::string("{ { location = '") + path + "', timeout = 5 } }"),
                ElementsAre(HasSubstr("cannot be asked: a location is written as")))
        << path;
  EXPECT_TRUE(plugins::valid_location("/a..b/.c/"));
  EXPECT_FALSE(plugins::valid_location("/" + std::string(256, 'a')));
  for (const char* timeout : {"0", "-1", "60001"})
    EXPECT_THAT(fetched(std::string("{ { location = '/a', timeout = ") + timeout + " } }"),
                ElementsAre(HasSubstr("timeout is 1 ms to 60 s")))
        << timeout;
  EXPECT_THAT(fetched("{ { location = '/a' } }"), ElementsAre(HasSubstr("needs a timeout")));
  EXPECT_THAT(fetched("{ { location = '/a', timeout = 5, query = { x = {} } } }"), ElementsAre(HasSubstr("parameter")));
  EXPECT_THAT(fetched("{ { location = '/a', timeout = 5, query = { x = string.rep('y', 5000) } } }"),
              ElementsAre(HasSubstr("too long")));
}

TEST_F(PluginFetches, OfALocationThatFailsAreMissing) {
  const std::string parts = R"(content_needs = function() return { { location = "/x", timeout = 9 } } end,
    content = function(request, slot, replies) return replies[1] or "nothing" end)";
  for (const auto& [reply, content] : {std::pair(Reply{.kind = Reply::Kind::string, .text = "<b>"}, "&lt;b&gt;"),
                                       {Reply{.kind = Reply::Kind::nil}, "nothing"},
                                       {Reply{}, "nothing"}}) {
    const auto evaluation = evaluate(parts);
    ASSERT_EQ(evaluation->fetch_content().size(), 1u);
    evaluation->receive(0, reply);
    evaluation->decide();
    ASSERT_EQ(evaluation->edits().size(), 1u);
    EXPECT_EQ(evaluation->edits()[0].content, content);
  }
}

TEST_F(PluginFetches, AndContentFollowWhatTheRuleTells) {
  const std::string parts = R"(content_needs = function(request, slot, c, with)
      return { { "LRANGE", "list", "0", tostring(with.limit or 3) } } end,
    content = function(request, slot, replies, c, with)
      return (with.title or "none") .. " " .. tostring(with.only) .. " " .. tostring(with.from and with.from[2].of) end)";
  const auto told = evaluate(
      parts, "{ plugin: p, with: { limit: 7, title: '7', only: true, from: [similar, { of: cart }], ratio: 1.5 } }");
  ASSERT_TRUE(told) << ::testing::PrintToString(mistakes_);
  EXPECT_THAT(texts(told->fetch_content()), ElementsAre("LRANGE personalize:{alice}:list 0 7"));
  told->decide();
  EXPECT_EQ(told->edits()[0].content, "7 true cart");
  const auto silent = evaluate(parts);
  EXPECT_THAT(texts(silent->fetch_content()), ElementsAre("LRANGE personalize:{alice}:list 0 3"));
  silent->decide();
  EXPECT_EQ(silent->edits()[0].content, "none nil nil");
}

TEST_F(PluginFetches, TypesOfWhatARuleTellsAreThoseOfYaml) {
  evaluate("content = function() end",
           "{ plugin: p, with: { i: -3, big: 9007199254740993, d: 2.5, t: true, q: 'true', s: text, l: [1, a], m: { x: "
           "1 } } }");
  const auto engine = load_text(
      "version: 1\nslots: { a: { select: a } }\nrules:\n  - id: r\n    slot: a\n    content:\n      plugin: p\n      "
      "with: { i: -3, big: 9007199254740993, d: 2.5, t: true, q: 'true', s: text, e: [] }\n    do: { inner: "
      "'{{content}}' }\n");
  ASSERT_TRUE(engine);
  const rules::Value& with = engine->rules().content_arguments(0);
  const auto value = [&](std::string_view name) {
    for (const rules::MapEntry& entry : with.as_map())
      if (entry.key.text() == name) return entry.value;
    return rules::Value();
  };
  EXPECT_EQ(value("i").as_int64(), -3);
  EXPECT_EQ(value("big").as_int64(), 9007199254740993);
  EXPECT_EQ(value("d").as_real(), 2.5);
  EXPECT_TRUE(value("t").is_true());
  EXPECT_EQ(value("q").text(), "true");
  EXPECT_EQ(value("s").text(), "text");
  EXPECT_TRUE(value("e").is(rules::Kind::list));
}

TEST_F(PluginFetches, MistakesInWhatARuleTellsAreSaidWithTheirPlace) {
  const auto mistakes = [&](const std::string& content, const std::string& check = "") {
    mistakes_.clear();
    evaluate(check + "content = function() end", content);
    return mistakes_;
  };
  EXPECT_THAT(mistakes("{ plugin: q }"), ElementsAre(HasSubstr("rules.yaml:4:42: there is no plugin `q`")));
  EXPECT_THAT(mistakes("{ with: { x: 1 } }"), ElementsAre(HasSubstr("rules.yaml:4:32: `content` needs `plugin`")));
  EXPECT_THAT(mistakes("{ plugin: p, wiht: {} }"),
              ElementsAre(HasSubstr("unknown key `wiht` in `content`, did you mean with?")));
  EXPECT_THAT(mistakes("{ plugin: p, with: 3 }"), ElementsAre(HasSubstr("`with` must be a map, not `3`")));
  EXPECT_THAT(mistakes("{ plugin: p, with: { x: } }"), ElementsAre(HasSubstr("rules.yaml:4:53: `x` needs a value")));
  EXPECT_THAT(mistakes("{ plugin: p, with: { x: [null] } }"), ElementsAre(HasSubstr("a value is missing")));
  EXPECT_THAT(mistakes("{ plugin: p, with: { x: 1, x: 2 } }"), ElementsAre(HasSubstr("`x` is there twice")));
  EXPECT_THAT(mistakes("{ plugin: p, with: { x: [[[[[[[[[1]]]]]]]]] } }"), ElementsAre(HasSubstr("in each other")));
  EXPECT_THAT(mistakes("{ plugin: p, with: { limti: 1 } }",
                       "check_content = function(with) if with.limti then error('no limti') end end, "),
              ElementsAre(HasSubstr("rules.yaml:4:51: line 1: no limti")));
  EXPECT_THAT(mistakes("{ plugin: p, with: { limit: 1 } }",
                       "check_content = function(with) if with.limti then error('no limti') end end, "),
              IsEmpty());
  settings_.plugins.clear();
  mistakes_.clear();
  use(built("plugin_faulty.so"));
  EXPECT_FALSE(
      load_text("version: 1\nslots: { a: { select: a } }\nrules:\n  - { id: r, slot: a, content: { plugin: "
                "faulty, with: { x: 1 } }, do: { inner: '{{content}}' } }\n"));
  EXPECT_THAT(mistakes_, ElementsAre(HasSubstr("rules.yaml:4:56: faulty knows no x")));
}

TEST_F(PluginFetches, FieldsOfTheResponseAreAddedByPlugins) {
  const auto added = [&](const std::string& returned) {
    settings_.plugins.clear();
    use(write("h.lua", "return { name = 'h', response_fields = function(request, c) return " + returned + " end }"));
    Evaluation evaluation(load("true"), request());
    EXPECT_TRUE(evaluation.adds_response_fields());
    evaluation.resolve();
    evaluation.decide();
    std::vector<std::string> all;
    for (const plugins::Header& field : evaluation.response_fields())
      all.push_back(std::string(field.name) + ": " + std::string(field.value));
    if (!evaluation.plugin_failure().empty()) all.emplace_back(evaluation.plugin_failure());
    return all;
  };
  EXPECT_THAT(added("{ headers = { ['X-Path'] = c.request.path } }"), ElementsAre("X-Path: /"));
  EXPECT_THAT(
      added("{ cookies = { { name = 'tier', value = 'gold', max_age = 60, same_site = 'Strict', path = '/a' } } }"),
      ElementsAre("Set-Cookie: tier=gold; Max-Age=60; Path=/a; Secure; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(
      added("{ cookies = { { name = 'a', value = '', secure = false, http_only = false, domain = 'shop.example' } } }"),
      ElementsAre("Set-Cookie: a=; Domain=shop.example; Path=/; SameSite=Lax"));
  EXPECT_THAT(added("nil"), IsEmpty());
  EXPECT_THAT(added("{}"), IsEmpty());
  for (const char* wrong : {"{ headers = { ['X A'] = '1' } }",
                            "{ headers = { X = 'a\\r\\nSet-Cookie: b' } }",
                            "{ headers = { X = '\\0' } }",
                            "{ headers = { X = ' a' } }",
                            "{ headers = { ['content-LENGTH'] = '1' } }",
                            "{ headers = { ['Set-Cookie'] = 'a=b' } }",
                            "{ headers = { ['X-Accel-Redirect'] = '/x' } }",
                            "{ headers = { X = 1 } }",
                            "{ headers = { '1' } }",
                            "{ headers = { X = string.rep('x', 5000) } }",
                            "{ header = {} }",
                            "'x'",
                            "{ cookies = { { name = 'a;b', value = '1' } } }",
                            "{ cookies = { { name = 'a', value = '1; Path=/' } } }",
                            "{ cookies = { { name = 'a', value = 'b c' } } }",
                            "{ cookies = { { name = 'a', value = '1', path = 'x' } } }",
                            "{ cookies = { { name = 'a', value = '1', path = '/;b' } } }",
                            "{ cookies = { { name = 'a', value = '1', domain = 'x;y' } } }",
                            "{ cookies = { { name = 'a', value = '1', max_age = -1 } } }",
                            "{ cookies = { { name = 'a', value = '1', same_site = 'lax' } } }",
                            "{ cookies = { { name = 'a', value = '1', same_site = 'None', secure = false } } }",
                            "{ cookies = { { name = '__Host-a', value = '1', domain = 'x' } } }",
                            "{ cookies = { { name = '__Secure-a', value = '1', secure = false } } }",
                            "{ cookies = { { name = 'a', value = '1', expires = 'x' } } }",
                            "{ cookies = { { value = '1' } } }"})
    EXPECT_THAT(added(wrong), ElementsAre(HasSubstr("h: "))) << wrong;
}

TEST_F(PluginFetches, WhatAPluginAddedBeforeItFailedIsNotSent) {
  for (const auto& [command, key] : {std::pair{"", ""}, {"Content-Length", "5"}, {"X-Other", "a\nb"}}) {
    settings_.plugins.clear();
    use(built("plugin_faulty.so"), {{"where", "add_response_fields"}, {"command", command}, {"key", key}});
    use(write("h.lua", "return { name = 'h', response_fields = function() return { headers = { X = '1' } } end }"));
    Evaluation evaluation(load("true"), request());
    evaluation.resolve();
    evaluation.decide();
    const auto fields = evaluation.response_fields();
    ASSERT_EQ(fields.size(), 1u) << command;
    EXPECT_EQ(fields[0].name, "X");
    EXPECT_EQ(evaluation.plugin_failures(), 1u);
  }
}

TEST_F(PluginFetches, FieldsOfAllPluginsTogetherAreBounded) {
  settings_.plugins.clear();
  for (const char* name : {"one", "two"})
    use(write(std::string(name) + ".lua",
              std::string("return { name = '") + name +
                  "', response_fields = function() local all = {} for i = 1, 10 do "
                  "all['X-' .. i] = string.rep('x', 20) end return { headers = all } end }"));
  Evaluation evaluation(load("true"), request());
  evaluation.resolve();
  evaluation.decide();
  EXPECT_EQ(evaluation.response_fields().size(), 10u);
  EXPECT_THAT(std::string(evaluation.plugin_failure()), HasSubstr("two: too many fields"));
}

}  // namespace
}  // namespace personalize::engine
