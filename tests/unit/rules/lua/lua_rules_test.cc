// Rules in Lua next to rules in YAML: one set, one decision, the same escaping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view yaml = R"(
version: 1
attributes: { profile: { interests: list<string>, tier: string } }
slots:
  hero: { select: "#hero", pages: ["/", "/c/*"] }
  offer: { select: "#offer" }
rules:
  - { id: plain, slot: hero, when: geo.country == "DE", priority: 1, do: { inner: "<p>Hallo</p>" } }
)";

Loaded load(std::string_view lua) {
  return Loaded(std::vector<SourceFile>{{"rules.yaml", std::string(yaml)}, {"more.lua", std::string(lua)}});
}

TEST(LuaRules, CompeteWithOthersByPriority) {
  Loaded loaded = load(R"(
    rule { id = "scripted", slot = "hero", priority = 5, template = "<p>Guten Morgen</p>",
           when = function(c) return c.geo.country == "DE" and (c.time.hour or 24) < 10 end }
  )");
  ASSERT_TRUE(loaded) << loaded.messages()[0];
  loaded.know("geo.country", "DE").know("time.hour", Value::int64(9));
  EXPECT_EQ(loaded.decide(), "hero=scripted");
  EXPECT_EQ(loaded.edits()[0].content, "<p>Guten Morgen</p>");
  loaded.know("time.hour", Value::int64(12));
  EXPECT_EQ(loaded.decide(), "hero=plain");
}

TEST(LuaRules, GiveContentThatIsEscapedByWhereItLands) {
  Loaded loaded = load(R"lua(
    rule { id = "scripted", slot = "offer", content = function(c)
      return { url = "javascript:alert(1)", title = "<b>" .. c.geo.city .. "</b>" } end,
      template = '<a href="{{content.url}}">{{content.title}} in {{geo.city}}</a>' }
  )lua");
  ASSERT_TRUE(loaded) << loaded.messages()[0];
  loaded.know("geo.city", "A&B");
  const auto edits = loaded.edits();
  ASSERT_EQ(edits.size(), 1u);
  EXPECT_THAT(std::string(edits[0].content), HasSubstr(">&lt;b&gt;A&amp;B&lt;/b&gt; in A&amp;B</a>"));
  EXPECT_THAT(std::string(edits[0].content), ::testing::Not(HasSubstr("javascript:")));
}

TEST(LuaRules, InsertTextWithoutATemplate) {
  Loaded loaded =
      load("rule { id = 'r', slot = 'offer', operation = 'append', content = function(c) return '1 < 2' end }");
  ASSERT_TRUE(loaded) << loaded.messages()[0];
  const auto edits = loaded.edits();
  ASSERT_EQ(edits.size(), 1u);
  EXPECT_EQ(edits[0].operation, html::Operation::append);
  EXPECT_EQ(edits[0].content, "1 &lt; 2");
}

TEST(LuaRules, DoWhateverRuleFilesCan) {
  Loaded loaded = load(R"lua(
    rule { id = "r", slot = "offer", content = function(c) return { name = c.geo.city } end, actions = {
      { inner = "<p title='{{content.name}}'>{{geo.country}}</p>", add_class = { "a", "b" } },
      { set_attribute = { name = "data-n", value = 5 }, remove_attribute = "lang" },
      { reorder = { by = "data-category", order = "profile.interests" } },
    } }
    rule { id = "gone", slot = "hero", priority = 9, actions = { remove = true } }
  )lua");
  ASSERT_TRUE(loaded) << loaded.messages()[0];
  const Value interests[] = {Value::string("tents")};
  loaded.know("geo.city", "O'H").know("geo.country", "IE").know("profile.interests", Value::list(interests));
  std::vector<std::string> done;
  for (const html::Edit& edit : loaded.edits())
    done.push_back(std::string(html::to_string(edit.operation)) + " " + std::string(edit.name) + "|" +
                   std::string(edit.content) + std::string(edit.value));
  EXPECT_THAT(done, ElementsAre("remove |", "add_class |a", "add_class |b", "inner |<p title='O&#39;H'>IE</p>",
                                "remove_attribute lang|", "set_attribute data-n|5", "reorder data-category|"));
}

TEST(LuaRules, AreCheckedLikeThoseInRuleFiles) {
  const auto mistakes = [](const char* actions) {
    return load("\nrule { id = 'a', slot = 'hero', actions = " + std::string(actions) + " }").messages();
  };
  EXPECT_THAT(mistakes("{ iner = 'x' }"), ElementsAre("more.lua:2:1: unknown key `iner` in `do`, did you mean inner?"));
  EXPECT_THAT(mistakes("{ { inner = '<p>{{geo.citty}}</p>' } }"),
              ElementsAre("more.lua:2:1: unknown attribute `geo.citty`, did you mean geo.city?"));
  EXPECT_THAT(mistakes("{ set_attribute = { name = 'onclick', value = 'x' } }"),
              ElementsAre(HasSubstr("could run script")));
  EXPECT_THAT(mistakes("{ inner = function() end }"),
              ElementsAre("more.lua:2:1: a function is not allowed in actions"));
  EXPECT_THAT(mistakes("{ [true] = 'x' }"), ElementsAre(HasSubstr("an action has named fields")));
  EXPECT_THAT(mistakes("'remove'"), ElementsAre("more.lua:2:1: actions must be a table, not string"));
  EXPECT_THAT(mistakes("{ inner = 'x' }, template = 'y'"), ElementsAre(HasSubstr("cannot stand beside it")));
}

TEST(LuaRules, LeaveThePageAloneWithoutContent) {
  Loaded loaded = load("rule { id = 'r', slot = 'offer', content = function(c) return nil end }");
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded.edits().empty());
}

TEST(LuaRules, LoseWhenTheyFailAndSayWhy) {
  Loaded loaded = load(R"(
    rule { id = "loops", slot = "hero", priority = 9, template = "x", when = function(c) while c.geo.country do end end }
    rule { id = "fails", slot = "hero", priority = 8, template = "x", when = function(c) return #c.geo.city > 1 end }
  )");
  ASSERT_TRUE(loaded) << loaded.messages()[0];
  loaded.know("geo.country", "DE");
  EXPECT_EQ(loaded.decide(), "hero=plain");
  const auto candidates = loaded.explain();
  EXPECT_EQ(candidates[0].lost, Lost::condition_error);
  EXPECT_THAT(candidates[0].detail, HasSubstr("too many instructions"));
  EXPECT_EQ(candidates[1].detail, "line 3: attempt to get length of field 'city' (a nil value)");
}

TEST(LuaRules, SayWhyTheyChangeNothingThoughTheyWin) {
  Loaded loaded = load(R"(
    rule { id = "loops", slot = "hero", priority = 9, content = function(c) while c.geo.country do end end }
    rule { id = "empty", slot = "offer", content = function(c) return nil end }
  )");
  ASSERT_TRUE(loaded) << loaded.messages()[0];
  loaded.know("geo.country", "DE");
  EXPECT_TRUE(loaded.edits().empty());
  const auto candidates = loaded.explain();
  EXPECT_TRUE(candidates[0].won);
  EXPECT_EQ(candidates[0].no_content, "`content` failed: line 2: uses too many instructions");
  EXPECT_EQ(candidates.back().no_content, "`content` returned nil");
}

TEST(LuaRules, LeaveThePageAsItIsIfTheirContentHasNoText) {
  Loaded loaded = load(R"(
    rule { id = "named", slot = "hero", content = function(c) return { title = "x" } end }
    rule { id = "none", slot = "offer", content = function(c) return 0 / 0 end }
  )");
  ASSERT_TRUE(loaded) << loaded.messages()[0];
  EXPECT_TRUE(loaded.edits().empty());
  const auto candidates = loaded.explain();
  ASSERT_EQ(candidates.size(), 3u);
  EXPECT_EQ(candidates[1].no_content, "`content` returned a table without text: a `template` says what of it is shown");
  EXPECT_EQ(candidates[2].no_content, "`content` returned a number that is infinite or none");
}

TEST(LuaRules, WriteNumbersOfSecondsAsDates) {
  Loaded loaded = load(R"lua(
    rule { id = "r", slot = "offer",
           content = function(c) return { since = 1795370400, none = 0 / 0, list = { 1, "b", 1 / 0 } } end,
           template = "{{content.since | date}} [{{content.none}}{{content.none | number}}] {{content.list}} " ..
                      "{{content.list | join: '+'}} {{content.list | json}}{{^content.none}} none{{/content.none}}" }
  )lua");
  ASSERT_TRUE(loaded) << loaded.messages()[0];
  EXPECT_EQ(loaded.edits()[0].content, "Nov 22, 2026 [] 1, b 1+b [1,&quot;b&quot;,null] none");
}

TEST(LuaRules, AskForTheAttributesTheyMention) {
  const Loaded loaded = load(
      "rule { id = 'r', slot = 'offer', template = '{{profile.tier}}', "
      "when = function(c) return c.weather.raining == true end }");
  ASSERT_TRUE(loaded);
  std::vector<std::string> names;
  for (AttributeId id : loaded.set().used_attributes()) names.push_back(loaded.set().schema()[id].name);
  EXPECT_THAT(names, ElementsAre("geo.country", "weather.raining", "profile.tier"));
}

TEST(LuaRules, AreOnlyForTheirPages) {
  Loaded loaded = load("rule { id = 'r', slot = 'offer', pages = { '/c/*' }, template = 'x' }");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded.decide("/c/shoes"), "offer=r");
  EXPECT_EQ(loaded.decide("/"), "");
}

TEST(LuaRules, ReportMistakesWithFileAndLine) {
  EXPECT_THAT(load("\nrule { id = 'plain', slot = 'hero', template = 'x' }").messages(),
              ElementsAre("more.lua:2:1: rule `plain` is already defined"));
  EXPECT_THAT(load("rule { id = 'a', slot = 'heroo', template = 'x' }").messages(),
              ElementsAre("more.lua:1:1: unknown slot `heroo`, did you mean hero?"));
  EXPECT_THAT(load("rule { id = 'a', slot = 'hero' }").messages(),
              ElementsAre("more.lua:1:1: a rule needs `content`, `template` or `actions`"));
  EXPECT_THAT(load("rule { id = 'a', slot = 'hero', operation = 'iner', template = 'x' }").messages(),
              ElementsAre("more.lua:1:1: unknown operation `iner`, did you mean inner?"));
  EXPECT_THAT(load("rule { id = 'a', slot = 'hero', template = '<script>{{geo.city}}</script>' }").messages(),
              ElementsAre(HasSubstr("more.lua:1:1: template: ")));
  EXPECT_THAT(
      load("rule { id = 'a', slot = 'hero', template = 'x',\n when = function(c) return c.geo.contry end }").messages(),
      ElementsAre("more.lua:2:1: unknown attribute geo.contry, did you mean geo.country?"));
  EXPECT_THAT(load("rule {").messages(), ElementsAre(HasSubstr("more.lua:1:1: ")));
}

}  // namespace
}  // namespace personalize::rules
