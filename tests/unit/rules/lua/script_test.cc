// Rules in Lua: what they see, what they give, and what they cannot do.
#include "rules/lua/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory_resource>

#include "rules/cel/program.h"

namespace personalize::rules::lua {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LuaScript : public ::testing::Test {
 protected:
  LuaScript() {
    add("geo.country", "string", Value::string("DE"));
    add("geo.city", "string", Value());
    add("profile.interests", "list<string>", Value::list(interests_));
    add("profile.basket.total", "double", Value::real(120.5));
    add("profile.visits", "int", Value::int64(3));
    add("request.cookies", "map<string, string>", Value::map(cookies_));
    add("time.now", "timestamp", Value::timestamp(1000, 500'000'000));
  }

  void add(std::string_view name, std::string_view type, Value value) {
    schema_.add(name, *parse_type(type));
    values_.push_back(value);
  }

  std::unique_ptr<Script> load(std::string_view source, const Budget& budget = {}) {
    errors.clear();
    auto script = Script::load(source, errors, budget);
    if (script) script->bind(schema_, errors);
    return script;
  }

  Context context() {
    Context result(schema_, arena_);
    for (std::size_t i = 0; i < values_.size(); ++i) result.set(static_cast<AttributeId>(i), values_[i]);
    return result;
  }

  static std::string text(const Value& value) {
    return value.is(Kind::error) ? "error: " + std::string(value.text()) : cel::to_source(value);
  }

  /// What `when = function(c) … end` gives.
  std::string condition(std::string_view body, const Budget& budget = {}) {
    const auto script = load(rule_with("when", body), budget);
    if (!script) return "not loaded: " + errors[0].message;
    return text(script->condition(0, context(), arena_));
  }
  std::string content(std::string_view body) {
    const auto script = load(rule_with("content", body));
    if (!script) return "not loaded: " + errors[0].message;
    return text(script->content(0, context(), arena_));
  }
  static std::string rule_with(std::string_view field, std::string_view body) {
    return "rule { id = 'r', slot = 's', " + std::string(field) + " = function(c) " + std::string(body) + " end }";
  }
  /// "line: message" of all errors of loading.
  std::vector<std::string> mistakes(std::string_view source) {
    load(source);
    std::vector<std::string> all;
    for (const Error& error : errors) all.push_back(std::to_string(error.line) + ": " + error.message);
    return all;
  }

  std::vector<Error> errors;
  std::pmr::monotonic_buffer_resource arena_;

 private:
  Schema schema_;
  const Value interests_[2] = {Value::string("shoes"), Value::string("hats")};
  const MapEntry cookies_[1] = {{Value::string("seen"), Value::string("yes")}};
  std::vector<Value> values_;
};

TEST_F(LuaScript, ListsItsRules) {
  const auto script = load(R"(
    local function always() return true end
    rule { id = "a", slot = "hero", priority = 5, pages = {"/", "/c/*"}, when = always, template = "<b>{{geo.city}}</b>" }
    rule { id = "b", slot = "offer", enabled = false, pages = "/x", operation = "append", content = always }
  )");
  ASSERT_TRUE(script);
  ASSERT_EQ(script->rules().size(), 2u);
  const RuleDefinition& a = script->rules()[0];
  EXPECT_EQ(a.id, "a");
  EXPECT_EQ(a.slot, "hero");
  EXPECT_EQ(a.priority, 5);
  EXPECT_EQ(a.line, 3u);
  EXPECT_EQ(a.content_template, "<b>{{geo.city}}</b>");
  EXPECT_THAT(a.pages, ElementsAre("/", "/c/*"));
  EXPECT_TRUE(a.has_condition);
  const RuleDefinition& b = script->rules()[1];
  EXPECT_FALSE(b.enabled);
  EXPECT_EQ(b.operation, "append");
  EXPECT_EQ(b.content_template, "{{content}}");
  EXPECT_THAT(b.pages, ElementsAre("/x"));
}

TEST_F(LuaScript, ReadsAttributesOfEveryKind) {
  EXPECT_EQ(condition("return c.geo.country == 'DE' and c.profile.basket.total > 100"), "true");
  EXPECT_EQ(condition("return c.profile.interests[2] == 'hats' and #c.profile.interests == 2"), "true");
  EXPECT_EQ(condition("return c.request.cookies.seen == 'yes' and c.profile.visits == 3"), "true");
  EXPECT_EQ(condition("return c.time.now == 1000.5"), "true");
}

TEST_F(LuaScript, SeesNilForAttributesThatAreNotKnown) {
  EXPECT_EQ(condition("return c.geo.city == nil"), "true");
  EXPECT_EQ(condition("return (c.geo.city or 'nowhere') == 'nowhere'"), "true");
  EXPECT_EQ(condition("return c.geo.city"), "false");
}

TEST_F(LuaScript, GivesValuesBack) {
  EXPECT_EQ(content("return 'Hello ' .. c.geo.country"), R"("Hello DE")");
  EXPECT_EQ(content("local t = { title = 'x', tags = { 'a', 'b' } } return t.tags"), R"(["a", "b"])");
  EXPECT_EQ(content("return { title = 'x' }"), R"({"title": "x"})");
  EXPECT_EQ(content("return 42"), "42");
  EXPECT_EQ(content("return nil"), "unknown");
  EXPECT_EQ(content("return print"), "unknown");
  EXPECT_EQ(content("return function() end"), "error: line 1: a function cannot be a value");
  EXPECT_EQ(content("local t = {} t.t = t return t"), "error: line 1: table is nested too deeply");
  EXPECT_EQ(content("local t = {} for i = 1, 2000 do t[i] = i end return t"),
            "error: line 1: list has more than 1000 elements");
  EXPECT_EQ(content("return { [true] = 1 }"), "error: line 1: keys of a table must be text");
}

TEST_F(LuaScript, HoldsWithoutACondition) {
  const auto script = load("rule { id = 'r', slot = 's', template = 'x' }");
  ASSERT_TRUE(script);
  EXPECT_TRUE(script->condition(0, context(), arena_).is_true());
  EXPECT_TRUE(script->content(0, context(), arena_).missing());
}

TEST_F(LuaScript, RefusesConditionsThatAreNeitherTrueNorFalse) {
  EXPECT_EQ(condition("return 'yes'"), "error: line 1: when must return true or false, not string");
}

TEST_F(LuaScript, MentionsTheAttributesWhoseNamesStandInIt) {
  const auto script =
      load("rule { id = 'r', slot = 's', when = function(c) local p = c.profile return p.basket.total == 1 end }");
  ASSERT_TRUE(script);
  EXPECT_THAT(script->attributes(), ElementsAre(3u));
}

TEST_F(LuaScript, ReportsAllMistakesOfLoading) {
  EXPECT_THAT(mistakes("rule {\n id = 'a' }\nrule { id = 'b', slot = 7, prioritty = 1, priority = 1.5 }"),
              ElementsAre(HasSubstr("a rule needs slot"),
                          StartsWith("3: unknown field prioritty of a rule, did you mean priority?"),
                          "3: slot must be text, not number", "3: priority must be a whole number"));
  EXPECT_THAT(mistakes("rule { id = 'a'\n\nslot = 'b' }"), ElementsAre(StartsWith("3: '}' expected")));
  EXPECT_THAT(mistakes("\nerror('no')"), ElementsAre("2: no"));
  EXPECT_THAT(mistakes("\nlocal x = nil + 1"), ElementsAre(HasSubstr("2: attempt to perform arithmetic")));
}

TEST_F(LuaScript, FindsMisspelledAttributesWhenItIsLoaded) {
  EXPECT_THAT(mistakes("rule { id = 'r', slot = 's', when = function(c)\n return c.geo.contry == 'DE' end }"),
              ElementsAre("2: unknown attribute geo.contry, did you mean geo.country?"));
  EXPECT_THAT(mistakes("rule { id = 'r', slot = 's', when = function(c) return c.goe.country == 'DE' end }"),
              ElementsAre(StartsWith("1: unknown attribute goe")));
}

TEST_F(LuaScript, CannotReachTheWorldOutside) {
  for (const std::string_view name :
       {"io",          "os",           "require",        "package",       "debug",
        "ffi",         "jit",          "load",           "loadstring",    "loadfile",
        "dofile",      "print",        "collectgarbage", "pcall",         "xpcall",
        "coroutine",   "setmetatable", "getmetatable",   "rawset",        "rawget",
        "setfenv",     "getfenv",      "newproxy",       "module",        "_G",
        "string.dump", "string.gsub",  "string.match",   "string.gmatch", "math.random"}) {
    EXPECT_EQ(condition("return " + std::string(name) + " == nil"), "true") << name;
  }
  EXPECT_EQ(condition("return ('').dump == nil and ('').gsub == nil and ('x'):upper() == 'X'"), "true");
}

TEST_F(LuaScript, RefusesBytecode) {
  EXPECT_THAT(mistakes(std::string_view("\x1bLJ\x02\x02\x00\x00", 7)), ElementsAre(HasSubstr("attempt to load")));
}

TEST_F(LuaScript, CannotChangeAttributes) {
  EXPECT_EQ(condition("c.geo.country = 'FR' return true"), "error: line 1: attributes cannot be changed");
  EXPECT_EQ(condition("c.geo = {} return true"), "error: line 1: attributes cannot be changed");
}

TEST_F(LuaScript, CannotKeepContextsForLater) {
  EXPECT_THAT(mistakes("local kept\nrule { id = 'r', slot = 's', when = function(c) kept = c return true end }"),
              ElementsAre());
  EXPECT_THAT(
      mistakes("rule { id = 'r', slot = 's', when = function(c) rule { id = 'x', slot = 's' } return true end }"),
      ElementsAre());
  EXPECT_EQ(condition("rule { id = 'x', slot = 's' } return true"),
            "error: line 1: rule() can only be called while the file is loaded");
}

TEST_F(LuaScript, FindsTextWithoutPatterns) {
  EXPECT_EQ(condition("return string.find('a.b', '.') == 2 and ('abc'):find('x') == nil"), "true");
  EXPECT_EQ(condition("return matches('banana', '^ba(na)+$') and not matches('x', 'y')"), "true");
  EXPECT_EQ(condition("return matches('x', '(')"), "error: line 1: malformed regular expression");
}

struct Hostile {
  std::string_view name;
  std::string_view body;
};

void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }

class LuaOverrun : public LuaScript, public ::testing::WithParamInterface<Hostile> {};

TEST_P(LuaOverrun, EndsAsAnErrorAndTheScriptGoesOn) {
  const auto script = load("rule { id = 'bad', slot = 's', when = function(c) if c.geo.country then " +
                           std::string(GetParam().body) + " end return true end }\n" +
                           "rule { id = 'good', slot = 's', when = function(c) return c.geo.country == 'DE' end }");
  ASSERT_TRUE(script) << errors[0].message;
  const Context values = context();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(script->condition(0, values, arena_).is(Kind::error));
    EXPECT_TRUE(script->condition(1, values, arena_).is_true());
  }
  EXPECT_EQ(script->statistics().failures, 3u);
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, LuaOverrun,
    ::testing::Values(Hostile{"loop", "while true do end"},
                      Hostile{"recursion", "local function f() return f() + 1 end f()"},
                      Hostile{"tail_calls", "local function f() return f() end f()"},
                      Hostile{"allocation", "local t = {} for i = 1, 1e9 do t[i] = {} end"},
                      Hostile{"long_string", "local s = 'x' while true do s = s .. s end"},
                      Hostile{"repetition", "return ('x'):rep(1e9)"},
                      Hostile{"garbage", "for i = 1, 1e9 do local s = ('x'):rep(100000) .. i end"},
                      Hostile{"wide_format", "while true do local s = ('%99s'):format('x'):rep(20000) end"},
                      Hostile{"joined", "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(10000) end table.concat(t)"},
                      Hostile{"bad_order",
                              "local t = {} for i = 1, 5000 do t[i] = i * 7919 % 5003 end "
                              "table.sort(t, function() return true end)"},
                      Hostile{"throws", "error({})"}, Hostile{"throws_nothing", "error()"},
                      Hostile{"sort", "table.sort({1, 2, 3, 4}, function(a, b) while true do end end)"},
                      Hostile{"bad_index", "local x = nil; return x.y"},
                      Hostile{"deep_call",
                              "local t = {} for i = 1, 300 do t = {t} end return tostring(unpack(t, 1, 1e8))"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(LuaScript, StopsEndlessLoopsWhileItIsLoaded) {
  EXPECT_THAT(mistakes("while true do end"), ElementsAre(HasSubstr("uses too many instructions")));
  EXPECT_THAT(mistakes("local t = {} while true do t[#t + 1] = 'x' .. #t end"), ElementsAre(HasSubstr("uses too m")));
}

TEST_F(LuaScript, PausesAfterManyOverruns) {
  const auto script =
      load("rule { id = 'r', slot = 's', when = function(c) while c.geo.country do end return true end }");
  ASSERT_TRUE(script);
  const Context values = context();
  EXPECT_GT(script->statistics().memory, 1000u);
  for (std::uint32_t i = 0; i < max_overruns; ++i) {
    EXPECT_THAT(text(script->condition(0, values, arena_)), HasSubstr("too many instructions"));
  }
  EXPECT_THAT(text(script->condition(0, values, arena_)), HasSubstr("pauses"));
  EXPECT_EQ(script->statistics().overruns, max_overruns);
  EXPECT_EQ(script->statistics().rebuilds, max_overruns - 1);
  EXPECT_EQ(script->statistics().memory, 0u);  // it has none until it is called again
  EXPECT_EQ(script->statistics().paused, 1u);
}

TEST_F(LuaScript, ForgetsItsVariablesAfterAnOverrunOnly) {
  const auto script = load(
      "local n = 0 rule { id = 'r', slot = 's', content = function(c) n = n + 1 "
      "if n == 5 then while true do end end return n end }");
  ASSERT_TRUE(script);
  const Context values = context();
  std::vector<std::string> seen;
  seen.reserve(6);
  for (int i = 0; i < 6; ++i) seen.push_back(text(script->content(0, values, arena_)));
  EXPECT_THAT(seen, ElementsAre("2", "3", "4", HasSubstr("error"), "1", "2"));  // loading called it once
}

TEST_F(LuaScript, LivesOnWithinItsMemoryForManyCalls) {
  const auto script = load(
      "rule { id = 'r', slot = 's', content = function(c) local t = {} for i = 1, 100 do "
      "t[i] = c.geo.country .. i end return table.concat(t) end }");
  ASSERT_TRUE(script);
  const Context values = context();
  for (int i = 0; i < 2000; ++i) {
    std::pmr::monotonic_buffer_resource arena;
    ASSERT_TRUE(script->content(0, values, arena).is(Kind::string)) << i;
  }
  EXPECT_EQ(script->statistics().failures, 0u);
}

}  // namespace
}  // namespace personalize::rules::lua
