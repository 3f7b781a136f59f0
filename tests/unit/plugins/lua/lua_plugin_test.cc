#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "plugins/built_in.h"
#include "plugins/lua/plugin.h"
#include "tests/unit/folders.h"
#include "tests/unit/plugins/resolved.h"

namespace personalize::plugins {
namespace {

using rules::Kind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Request request() {
  static constexpr Header headers[] = {{"X-Team", "blue"}, {"Cookie", "cart=3; theme=dark"}};
  return {.method = "GET",
          .scheme = "https",
          .host = "shop.example",
          .path = "/c/hats",
          .query = "a=1",
          .visitor = "alice",
          .headers = headers,
          .now_us = 1'795'341'600'500'000};
}

Resolved with(const std::string& text, const Settings& settings = {}) {
  return Resolved(built_in(), settings, {}, {}, make_lua_plugin("test.lua", text));
}

/// What calling `resolve` of this body for attribute x of this type throws, or "".
std::string failure(const std::string& type, const std::string& body) {
  auto plugin = with("return { name = 'p', attributes = { x = '" + type +
                     "' }, resolve = function(request, replies, c) " + body + " end }");
  try {
    plugin.resolve(request());
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(LuaPlugin, SeesTheRequestAndWhatOtherPluginsFoundOut) {
  auto plugin = with(R"(return {
    name = "p", attributes = { x = "string", n = "double" },
    resolve = function(request, replies, c)
      return { x = table.concat({ request.method, request.scheme, request.host, request.path, request.query,
                                  request.headers["x-team"], request.cookies.theme, c.time.weekday }, " "),
               n = request.now }
    end })");
  plugin.resolve(request());
  EXPECT_EQ(plugin.text("p.x"), "GET https shop.example /c/hats a=1 blue dark sunday");
  EXPECT_EQ(plugin["p.n"].as_real(), 1'795'341'600.5);
}

TEST(LuaPlugin, SeesTheFirst200Cookies) {
  auto plugin = with(R"(return {
    name = "p", attributes = { x = "string" },
    resolve = function(request, replies, c)
      local all, count = request.cookies, 0
      for _ in pairs(all) do count = count + 1 end
      return { x = table.concat({ count, all.a, all.b, "[" .. all.alone .. "]", all.later, "[" .. all.odd .. "]",
                                  tostring(all.k194), tostring(all.k195) }, " ") }
    end })");
  std::string cookies = "a=1; a=2; later; b=\"2\"; later=3; odd =4; alone";
  for (int i = 0; i < 1000; ++i) cookies += "; k" + std::to_string(i) + "=v";
  const Header headers[] = {{"Cookie", cookies}};
  Request many = request();
  many.headers = headers;
  plugin.resolve(many);
  EXPECT_EQ(plugin.text("p.x"), "200 1 2 [] 3 [] v nil");
}

TEST(LuaPlugin, GivesValuesTheTypesThatItsAttributesHave) {
  auto plugin = with(R"(return {
    name = "p",
    attributes = { s = "string", i = "int", u = "uint", d = "double", b = "bool", t = "timestamp", l = "list<string>",
                   e = "list<int>", m = "map<string, double>", any = "dyn", nothing = "string" },
    resolve = function() return { s = "x", i = -3, u = 3, d = 3, b = false, t = 1.25, l = { "a", "b" }, e = {},
                                  m = { k = 1 }, any = "y" } end })");
  plugin.resolve(request());
  EXPECT_EQ(plugin["p.i"].as_int64(), -3);
  EXPECT_EQ(plugin["p.u"].as_uint64(), 3u);
  EXPECT_EQ(plugin["p.d"].as_real(), 3);
  EXPECT_EQ(plugin["p.t"].nanos(), 250'000'000);
  EXPECT_EQ(plugin["p.l"].as_list()[1].text(), "b");
  EXPECT_TRUE(plugin["p.e"].is(Kind::list));
  EXPECT_TRUE(plugin["p.m"].as_map()[0].value.is(Kind::real));
  EXPECT_EQ(plugin["p.any"].text(), "y");
  EXPECT_TRUE(plugin["p.nothing"].missing());
}

TEST(LuaPlugin, FailsWithAReasonIfItReturnsSomethingElse) {
  EXPECT_THAT(failure("int", "return { x = 'one' }"), HasSubstr("a value of type int for x"));
  EXPECT_THAT(failure("uint", "return { x = -1 }"), HasSubstr("type uint for x"));
  EXPECT_THAT(failure("list<int>", "return { x = { 'a' } }"), HasSubstr("type list<int> for x"));
  EXPECT_THAT(failure("string", "return { x = '\\255' }"), HasSubstr("type string for x"));
  EXPECT_THAT(failure("int", "return { y = 1 }"), HasSubstr("y, which is not among the attributes"));
  EXPECT_THAT(failure("int", "return 1"), HasSubstr("must return a table"));
  EXPECT_THAT(failure("int", "error('no')"), HasSubstr("line 1: no"));
  EXPECT_THAT(failure("int", "return { x = c.geo.contry }"), HasSubstr("did you mean geo.country?"));
  EXPECT_THAT(failure("int", "while true do end"), HasSubstr("uses too many instructions"));
  EXPECT_EQ(failure("int", "return nil"), "");
}

TEST(LuaPlugin, AsksRedisForWhatBelongsToTheVisitor) {
  auto plugin = with(R"(return {
    name = "p", attributes = { points = "int", likes = "list<string>" },
    needs = function(request, c) return { { "HGET", "loyalty", "points" }, { "LRANGE", "likes", "0", "4" } } end,
    resolve = function(request, replies) return { points = tonumber(replies[1]), likes = replies[2] } end })");
  EXPECT_THAT(plugin.needs(request()), ElementsAre(ElementsAre("HGET", "personalize:{alice}:loyalty", "points"),
                                                   ElementsAre("LRANGE", "personalize:{alice}:likes", "0", "4")));
  const Reply likes[] = {{.kind = Reply::Kind::string, .text = "hats"}};
  const Reply replies[] = {{.kind = Reply::Kind::string, .text = "12"},
                           {.kind = Reply::Kind::array, .elements = likes}};
  plugin.resolve(request(), replies);
  EXPECT_EQ(plugin["p.points"].as_int64(), 12);
  EXPECT_EQ(plugin["p.likes"].as_list()[0].text(), "hats");
}

TEST(LuaPlugin, MayNotSendWhatChangesSomething) {
  auto plugin = with(R"(return { name = "p", attributes = { x = "int" }, resolve = function() end,
                                 needs = function() return { { "DEL", "profile" } } end })");
  EXPECT_THROW(plugin.needs(request()), std::invalid_argument);
}

TEST(LuaPlugin, IsConfiguredAgainAfterItWentOverItsBudget) {
  auto plugin = with(R"(
    local limit
    return { name = "p", attributes = { x = "int" }, options = { limit = 5 },
             configure = function(options) limit = tonumber(options.limit) end,
             resolve = function(request) while request.path == "/loop" do end return { x = limit } end })");
  auto looping = request();
  looping.path = "/loop";
  EXPECT_THROW(plugin.resolve(looping), std::runtime_error);
  plugin.resolve(request());
  EXPECT_EQ(plugin["p.x"].as_int64(), 5);
}

TEST(LuaPlugin, ExampleKnowsWhenTheStoreIsOpen) {
  std::ifstream file(source_folder() / "plugins/examples/store_hours.lua");
  auto plugin = with({std::istreambuf_iterator<char>(file), {}});
  auto at = request();
  for (const auto& [hour, open] : {std::pair{8, false}, {9, true}, {17, true}, {18, false}}) {
    at.now_us = (1'795'392'000LL + hour * 3600LL) * 1'000'000;  // a Monday
    plugin.resolve(at);
    EXPECT_EQ(plugin["store_hours.open"].as_bool(), open) << hour;
    EXPECT_EQ(plugin["store_hours.closes_in"].missing(), !open) << hour;
  }
}

}  // namespace
}  // namespace personalize::plugins
