// What a call may use: whatever a script does, it ends soon after its budget, and the work that shows it is counted,
// not timed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory_resource>
#include <numeric>

#include "rules/lua/script.h"
#include "rules/lua/state.h"

namespace personalize::rules::lua {
namespace {

using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr Budget no_clock = {.milliseconds = 500'000'000};

class LuaBudget : public ::testing::Test {
 protected:
  LuaBudget() {
    schema_.add("geo.country", *parse_type("string"));
    schema_.add("profile.text", *parse_type("string"));
  }

  /// Loads rules and knows their attributes.
  std::unique_ptr<Script> load(const std::string& source, const Budget& budget = {}) {
    errors_.clear();
    auto script = Script::load(source, errors_, budget);
    if (script) script->bind(schema_, errors_);
    return script;
  }

  /// What a function with this body returns; it does not run while the file is loaded.
  std::string content(const std::string& body, const Budget& budget = {}) {
    script_ =
        load("rule { id = 'r', slot = 's', content = function(c) if c.geo.country then " + body + " end end }", budget);
    if (!script_) return "not loaded: " + errors_[0].message;
    Context context(schema_, arena_);
    context.set(0, Value::string("DE"));
    context.set(1, Value::string(text_));
    return std::string(last(script_->content(0, context, arena_)));
  }
  std::string last(const Value& value) {
    value_ = value;
    return value.is(Kind::error) || value.is(Kind::string) ? std::string(value.text()) : "something";
  }
  std::uint64_t overruns() const { return script_->statistics().overruns; }

  Schema schema_;
  std::string text_ = std::string(1'000'000, 'x');
  std::vector<Error> errors_;
  std::pmr::monotonic_buffer_resource arena_;
  std::unique_ptr<Script> script_;
  Value value_;
};

struct Attempt {
  std::string_view name;
  std::string_view body;
};

void PrintTo(const Attempt& attempt, std::ostream* out) { *out << attempt.name; }

/// No clock stops these.
class LuaWork : public LuaBudget, public ::testing::WithParamInterface<Attempt> {};

TEST_P(LuaWork, OfLibraryFunctionsCountsAsInstructions) {
  constexpr Budget small = {.instructions = 20'000, .milliseconds = no_clock.milliseconds};
  EXPECT_THAT(content(std::string(GetParam().body), small), EndsWith("uses too many instructions"));
  EXPECT_EQ(overruns(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Attempts, LuaWork,
    ::testing::Values(
        Attempt{"sorting_long_texts_with_equal_beginnings",
                "local x = ('x'):rep(400000) local a, b, t = x .. 'a', x .. 'b', {} "
                "for i = 1, 400 do t[i] = (i * 7919) % 101 < 50 and a or b end table.sort(t)"},
        Attempt{"sorting_many_times",
                "local t = {} for i = 1, 3000 do t[i] = i end for i = 1, 200 do table.sort(t) end return 'sorted'"},
        Attempt{"sorting_by_a_function_in_c",
                "local t = {} for i = 1, 2000 do t[i] = 'x' end table.sort(t, string.upper)"},
        Attempt{"inserting_far_before_a_list", "table.insert({}, -2e8, 1) return 'inserted'"},
        Attempt{"finding_in_a_long_text",
                "local s = ('x'):rep(900000) for i = 1, 1000 do s:find('xxxxxxxy') end return 'found'"},
        Attempt{"finding_a_long_needle",
                "local s, n = ('x'):rep(900000), ('x'):rep(200) .. 'y' for i = 1, 100 do s:find(n) end return 'found'"},
        Attempt{"matching_with_too_many_states",
                "local t = {} for i = 1, 600 do t[i] = i * i * i % 7 < 3 and 'aab' or 'bab' end "
                "return matches(table.concat(t):rep(12), 'a[ab]{900}c') and 'y' or 'n'"},
        Attempt{"matching_again_and_again",
                "local s = ('ab'):rep(5000) for i = 1, 1000 do matches(s, '[ab]{50}c') end return 'matched'"},
        Attempt{"reading_a_long_attribute", "for i = 1, 200 do local x = c.profile.text end return 'read'"}),
    [](const auto& info) { return std::string(info.param.name); });

class LuaResult : public LuaBudget, public ::testing::WithParamInterface<Attempt> {};

TEST_P(LuaResult, IsBoundedHoweverOftenItsPartsAreInIt) {
  EXPECT_THAT(content(std::string(GetParam().body), no_clock), EndsWith("returns too much"));
  EXPECT_EQ(overruns(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Attempts, LuaResult,
    ::testing::Values(
        Attempt{"one_text", "local s, t = ('x'):rep(100000), {} for i = 1, 1000 do t[i] = s end return t"},
        Attempt{"one_name", "local t, u = { [('x'):rep(100000)] = 1 }, {} for i = 1, 1000 do u[i] = t end return u"},
        Attempt{"one_list",
                "local t = 1 for d = 1, 3 do local u = {} for i = 1, 200 do u[i] = t end t = u end return t"},
        Attempt{"one_map",
                "local t = 1 for d = 1, 3 do local u = {} for i = 1, 100 do u['k' .. i] = t end t = u end return t"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(LuaBudget, DoesNotEndWhatTakesNoTime) {
  EXPECT_EQ(content("local t = {} for i = 1, 9000 do t[i] = i * 7919 % 9001 end table.sort(t) "
                    "return t[1] .. ' ' .. t[9000]"),
            "1 9000");
  EXPECT_EQ(content("local t = {} for i = 1, 1000 do t[i] = ('x'):rep(i % 900) .. i end table.sort(t) return t[1]"),
            "900");
  EXPECT_EQ(
      content("for i = 1, 500 do if matches('Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', '(bot|crawl|spider)') "
              "then return 'bot' end end return 'human'"),
      "human");
  EXPECT_EQ(content("local s = ('x'):rep(100000) local n = s .. 'y' local t = s .. n return tostring(t:find(n)) .. "
                    "tostring((t:find('xy' .. s))) .. tostring((t:find(''))) .. tostring((('ab'):find('abc')))"),
            "100001nil1nil");
  EXPECT_EQ(content("local s = ('x'):rep(100000) .. 'y' return tostring(s:find('y'))"), "100001");
  EXPECT_EQ(content("return c.profile.text").size(), 1'000'000u);
  content("local t = {} for i = 1, 1000 do t[i] = { title = 'product ' .. i, price = i } end return t");
  EXPECT_EQ(value_.as_list().size(), 1000u);
}

TEST_F(LuaBudget, NamesTheLineWhereItEnds) {
  EXPECT_EQ(content("\nlocal function deep(t)\n while true do table.sort(t) end end\nlocal t = {} for i = 1, 5000 do "
                    "t[i] = i end\ndeep(t)",
                    no_clock),
            "line 3: uses too many instructions");
  EXPECT_EQ(content("\n\nwhile true do end", no_clock), "line 3: uses too many instructions");
}

// A large block makes single instructions slow, so that the clock has to be looked at after few of them. How precisely
// instructions are counted shows how often that is.
TEST_F(LuaBudget, IsLookedAtMoreOftenWhileThereAreLargeBlocks) {
  const auto rules_until_the_end = [](const std::string& large) {
    constexpr std::uint64_t instructions = 90;
    State state({.instructions = instructions, .milliseconds = no_clock.milliseconds});
    std::vector<RuleDefinition> rules;
    std::deque<RecordDefinition> records;
    std::optional<ProviderDefinition> provider;
    std::vector<Error> errors;
    const auto outcome =
        state.run("local s = ('1'):rep(" + large + ") local r = { id = 'r', slot = 's' } while true do rule(r) end",
                  {rules, records, provider}, errors);
    EXPECT_TRUE(outcome.overrun);
    return rules.size();
  };
  EXPECT_GE(rules_until_the_end("10"), 35u);  // after 200 instructions
  EXPECT_LE(rules_until_the_end("500000"), 30u);
  EXPECT_LE(rules_until_the_end("100000"), 30u);
}

// Each instruction takes a millisecond or so, and checking only every 200th would show in the clock alone.
TEST_F(LuaBudget, EndsWhenItsTimeIsOverWhateverTheInstructionsDo) {
  constexpr Budget short_time = {.instructions = 1'000'000'000, .milliseconds = 1};
  for (const std::string body :
       {"local s = ('1'):rep(900000) while true do local x = s + 1 end",
        "local s = ('x'):rep(900000) while true do local x = s < s end",
        "local s = ('x'):rep(400000) local k = s .. 'y' while true do local x = s .. 'y' end",
        "local s = ('x'):rep(400000) local k = s:upper() while true do s:upper() end",
        "local t = {} for i = 1, 50000 do t[i] = 1 end for i = 1, 50000 do t[i] = nil end while true do next(t) end",
        "local t = {} for i = 1, 7000 do t[i] = i end while true do select('#', unpack(t)) end",
        "local t = {} for i = 1, 50000 do t[i] = 1 end while true do table.insert(t, 1, 1) t[#t] = nil end",
        "local t = {} for i = 1, 9000 do t[i] = 1 / i end while true do table.concat(t) end"}) {
    EXPECT_THAT(content(body, short_time), AnyOf(EndsWith("takes too long"), EndsWith("uses too much memory"))) << body;
    EXPECT_EQ(overruns(), 1u) << body;
  }
}

TEST_F(LuaBudget, IsKeptByTheParserToo) {
  std::string names = "local a0", source;
  for (int i = 1; i < 190; ++i) names += ",a" + std::to_string(i);
  for (int depth = 0; depth < 150; ++depth) source += names + " local function f() ";
  for (int i = 0; i < 40'000; ++i) source += "x=x ";
  for (int depth = 0; depth < 150; ++depth) source += "end ";
  EXPECT_EQ(load(source, {.milliseconds = 1}), nullptr);
  ASSERT_EQ(errors_.size(), 1u);
  EXPECT_EQ(errors_[0].message, "takes too long");
}

TEST_F(LuaBudget, IsNotLeftToFilesWithJumpsWithoutNumber) {
  const auto jumps = [](int count) {
    std::string source;
    for (int i = 0; i < count; ++i) source += "do goto z end ";
    return source + "::z:: rule { id = 'r', slot = 's', template = 'x' }";
  };
  EXPECT_NE(load(jumps(1000)), nullptr);
  EXPECT_EQ(load(jumps(10'001), no_clock), nullptr);
  ASSERT_EQ(errors_.size(), 1u);
  EXPECT_EQ(errors_[0].message, "file has more than 10 000 times `goto` or `break`");
}

TEST_F(LuaBudget, IsKeptByWhatReadsRules) {
  const std::string text = "local s, t = ('x'):rep(100000), {} for i = 1, 1000 do t[i] = s end ";
  for (const std::string fields :
       {"pages = t", "actions = { add_class = t }", "template = s }) for i = 1, 1000 do rule({ id = s, slot = s"}) {
    EXPECT_EQ(load(text + "rule({ id = 'r', slot = 's', " + fields + " }) if false then rule({}) end" +
                       (fields.ends_with("= s") ? " end" : ""),
                   no_clock),
              nullptr);
    ASSERT_EQ(errors_.size(), 1u) << fields;
    EXPECT_THAT(errors_[0].message, HasSubstr("returns too much")) << fields;
  }
}

TEST_F(LuaBudget, IsNotWastedOnMistakesWithoutEnd) {
  EXPECT_EQ(load("local t = {} for i = 1, 5000 do t['k' .. i] = 1 end while true do rule(t) end"), nullptr);
  EXPECT_LE(errors_.size(), 101u);
  EXPECT_EQ(errors_.back().message, "there are too many mistakes");
}

TEST_F(LuaBudget, IsNotUsedUpByEveryRuleWhenTheFileIsLoaded) {
  std::string source;
  for (int i = 0; i < 50; ++i)
    source += "rule { id = 'r" + std::to_string(i) + "', slot = 's', when = function() while true do end end }\n";
  const auto script = load(source);
  ASSERT_TRUE(script);
  EXPECT_LE(script->statistics().rebuilds, max_overruns);
}

TEST_F(LuaBudget, RefusesPatternsThatTakeLongToCompile) {
  EXPECT_THAT(content("local p = '' for i = 1, 300 do p = p .. '\\\\pL' end return matches('x', p) and 'y' or 'n'"),
              HasSubstr("malformed regular expression"));
}

TEST_F(LuaBudget, IsNotLeftBehindByErrorsInDeepNesting) {
  EXPECT_THAT(content("local function f() table.sort({ 2, 1 }, f) end f()"),
              EndsWith("table.sort is nested too deeply"));
  EXPECT_EQ(
      content("local function f(n) if n > 0 then table.sort({ 2, 1 }, function() f(n - 1) end) end return 'ok' end "
              "for i = 1, 10 do f(10) end return f(10)"),
      "ok");
}

TEST_F(LuaBudget, InsertsWherever) {
  EXPECT_EQ(
      content("local t = { 1, 2 } table.insert(t, 3) table.insert(t, 1, 0) table.insert(t, 3, 9) table.insert(t, 6, 8) "
              "table.insert(t, 9, 7) return table.concat(t, ',') .. t[9]"),
      "0,1,9,2,3,87");
  EXPECT_EQ(
      content("local t = { 1 } t[0] = 'a' table.insert(t, -1, 'b') return t[-1] .. tostring(t[0]) .. t[1] .. t[2]"),
      "bnila1");
  EXPECT_EQ(content("local t = { 1, 2 } table.insert(t, 1, nil) return tostring(t[1]) .. t[2] .. t[3]"), "nil12");
  EXPECT_THAT(content("table.insert({}, 1, 2, 3)"), HasSubstr("wrong number of arguments to 'insert'"));
  EXPECT_THAT(content("table.insert({})"), HasSubstr("wrong number of arguments to 'insert'"));
  EXPECT_THAT(content("table.insert({}, 'x', 1)"), HasSubstr("number expected, got string"));
}

TEST_F(LuaBudget, SortsWithWhateverOrder) {
  EXPECT_EQ(content("local t = {} for i = 1, 300 do t[i] = (i * 7919) % 307 end table.sort(t) "
                    "for i = 2, 300 do if t[i - 1] > t[i] then return 'wrong' end end return 'sorted'"),
            "sorted");
  EXPECT_EQ(content("local t = {} for i = 1, 300 do t[i] = 'k' .. (i * 7919) % 307 end "
                    "table.sort(t, function(a, b) return a > b end) "
                    "for i = 2, 300 do if t[i - 1] < t[i] then return 'wrong' end end return 'sorted'"),
            "sorted");
  EXPECT_EQ(content("local t = { 5, 3, 9 } table.sort(t) return table.concat(t, ' ')"), "3 5 9");
  EXPECT_EQ(content("local t = { 'b', 'a', '', 'ab', 'a\\0', 'a' } table.sort(t) "
                    "return #t[1] .. t[2] .. t[3] .. #t[4] .. t[5] .. t[6]"),
            "0aa2abb");
  EXPECT_EQ(content("local t = {} table.sort(t) return #t .. ''"), "0");
  EXPECT_THAT(content("table.sort({ 1, 'x' })"), HasSubstr("attempt to compare"));
  EXPECT_THAT(content("table.sort({ {}, {} })"), HasSubstr("attempt to compare two table values"));
  EXPECT_THAT(content("table.sort({ 3, 2, 1, 5, 4 }, function() return true end)"),
              HasSubstr("invalid order function for sorting"));
  EXPECT_THAT(content("table.sort(1)"), HasSubstr("table expected"));
  EXPECT_THAT(content("table.sort({ 2, 1 }, 1)"), HasSubstr("function expected"));
}

}  // namespace
}  // namespace personalize::rules::lua
