// Partials, blocks, includes and fallbacks: content that rules share or that replaces theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string slots = "version: 1\nslots: { hero: { select: '#hero' }, offer: { select: '#offer' } }\n";

TEST(Partials, AreInsertedWhereTheyAreNamed) {
  Loaded loaded(
      {{"a.yaml", slots + R"(
rules:
  - id: a
    slot: hero
    do:
      inner: |
        <p title="{{> city}}">{{> city}}</p>
        {{> badge}}
)"},
       {"b.yaml",
        "version: 1\npartials:\n  city: \"{{geo.city}}\"\n  badge: |\n    <b>\n      {{>city}}\n    </b>\n"}});
  ASSERT_THAT(loaded.messages(), IsEmpty());
  loaded.know("geo.city", "O'Hara");
  EXPECT_EQ(loaded.edits()[0].content, "<p title=\"O&#39;Hara\">O'Hara</p>\n<b>\n  O'Hara</b>\n");
  EXPECT_EQ(loaded.set().used_attributes().size(), 1u);
}

TEST(Partials, ReportTheirMistakesWhereTheyStand) {
  const Loaded loaded(slots + R"(partials:
  bad: "{{#geo.city}}"
  unknown: "a {{geo.citty}}"
rules:
  - { id: a, slot: hero, do: { inner: "{{> unknown}}" } }
  - { id: b, slot: hero, do: { append: "{{> unknown}}" } }
  - { id: c, slot: hero, do: { append: "{{> unknwon}}" } }
)");
  EXPECT_THAT(loaded.messages(), ElementsAre(HasSubstr("rules.yaml:4:12: section `geo.city` is not closed"),
                                             "rules.yaml:5:17: unknown attribute `geo.citty`, did you mean geo.city?",
                                             "rules.yaml:9:45: unknown partial `unknwon`, did you mean unknown?"));
}

TEST(Partials, CannotMakeTemplatesOfAnySize) {
  std::string text = slots + "partials:\n";
  const std::string filler(3000, 'x');
  for (int i = 0; i < 100; ++i)
    text += "  p" + std::to_string(i) + ": \"" + filler + "{{>p" + std::to_string(i + 1) + "}}\"\n";
  text += "  p100: end\nrules:\n";
  for (int i = 0; i < 1000; ++i)
    text += "  - { id: r" + std::to_string(i) + ", slot: hero, do: { inner: '{{>p0}}' } }\n";
  EXPECT_THAT(Loaded(text).messages(), testing::Contains(HasSubstr("too much of each other")));
}

TEST(Blocks, AreDoneByEveryRuleThatUsesThem) {
  Loaded loaded({{"a.yaml", slots + R"(
rules:
  - { id: a, slot: hero, when: 'geo.country == "DE"', do: { use: free } }
  - { id: b, slot: offer, do: [ { use: [free, bold] }, { set_attribute: { name: title, value: x } } ] }
)"},
                 {"b.yaml", R"(version: 1
blocks:
  free: { inner: "<p>Free, {{geo.city}}</p>" }
  bold: [ { add_class: bold }, { use: more } ]
  more: { add_class: more }
)"}});
  ASSERT_THAT(loaded.messages(), IsEmpty());
  loaded.know("geo.city", "Cork");
  const auto edits = loaded.edits();
  ASSERT_EQ(edits.size(), 4u);
  EXPECT_EQ(edits[0].content, "<p>Free, Cork</p>");
  EXPECT_EQ(edits[1].value, "bold");
  EXPECT_EQ(edits[2].value, "more");
  EXPECT_EQ(edits[3].name, "title");
}

TEST(Blocks, ReportTheirMistakesOnce) {
  const Loaded loaded(slots + R"(blocks:
  bad: { iner: x }
  circle: { use: circle }
rules:
  - { id: a, slot: hero, do: { use: bad } }
  - { id: b, slot: hero, do: { use: bda } }
)");
  EXPECT_THAT(loaded.messages(), ElementsAre("rules.yaml:4:10: unknown key `iner` in `do`, did you mean inner?",
                                             "rules.yaml:5:18: blocks that use blocks, too deep or in a circle",
                                             "rules.yaml:8:37: unknown block `bda`, did you mean bad?"));
}

TEST(Blocks, CannotMultiplyWithoutEnd) {
  std::string text = slots + "blocks:\n  b0: { add_class: x }\n";
  for (int i = 1; i < 8; ++i) {
    text += "  b" + std::to_string(i) + ": { use: [";
    for (int k = 0; k < 50; ++k) text += "b" + std::to_string(i - 1) + ", ";
    text += "] }\n";
  }
  EXPECT_THAT(Loaded(text).messages(), testing::Contains(HasSubstr("blocks are used more than")));
}

TEST(Fallback, FillsASlotThatNoRuleWins) {
  Loaded loaded(R"(version: 1
slots:
  hero: { select: "#hero", pages: ["/"], fallback: { inner: "<p>Hello</p>" } }
rules:
  - { id: german, slot: hero, priority: -2000000000, when: 'geo.country == "DE"', do: { inner: Moin } }
  - { id: red, slot: hero, do: { add_class: red } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  EXPECT_EQ(loaded.decide("/"), "hero=red,hero=hero.fallback");
  EXPECT_EQ(loaded.decide("/c"), "");
  loaded.know("geo.country", "DE");
  EXPECT_EQ(loaded.decide("/"), "hero=red,hero=german");
}

TEST(Fallback, ReportsItsMistakes) {
  const Loaded loaded(R"(version: 1
slots:
  hero: { select: "#hero", fallback: { inner: "{{x}}" } }
rules:
  - { id: hero.fallback, slot: hero, do: { inner: x } }
)");
  EXPECT_THAT(loaded.messages(), ElementsAre(HasSubstr("rules.yaml:3:50: unknown attribute `x`"),
                                             HasSubstr("rules.yaml:5:11: `hero.fallback` is the name of")));
}

class IncludeTest : public testing::Test {
 protected:
  std::vector<std::string> load(const std::string& text) {
    Diagnostics diagnostics;
    const auto read = [&](const std::string& path) -> tl::expected<std::string, std::string> {
      const auto found = files_.find(path);
      if (found == files_.end()) return tl::unexpected<std::string>("no such file");
      return found->second;
    };
    const SourceFile file{"shop/main.yaml", text};
    set_ = RuleSet::load({&file, 1}, plugin_schema(), diagnostics, read);
    std::vector<std::string> messages;
    for (const Diagnostic& diagnostic : diagnostics) messages.push_back(to_string(diagnostic));
    return messages;
  }

  std::map<std::string, std::string> files_;
  std::shared_ptr<const RuleSet> set_;
};

TEST_F(IncludeTest, ReadsOtherFilesOnceEachAndRelativeToTheOneThatNamesThem) {
  files_["shop/more/a.yaml"] = "version: 1\ninclude: [b.yaml, ../main.yaml]\n";
  files_["shop/more/b.yaml"] = slots + "include: a.yaml\n";
  files_["shop/more/../main.yaml"] = "version: 1\n";
  EXPECT_THAT(load("version: 1\ninclude: [more/a.yaml, more/b.yaml]\n"), IsEmpty());
  EXPECT_THAT(std::vector<std::string>(set_->files().begin(), set_->files().end()),
              ElementsAre("shop/main.yaml", "shop/more/a.yaml", "shop/more/b.yaml", "shop/more/../main.yaml"));
  EXPECT_EQ(set_->slot_count(), 2u);
  const std::string version(set_->version());
  files_["shop/more/b.yaml"] += "\n";
  load("version: 1\ninclude: [more/a.yaml, more/b.yaml]\n");
  EXPECT_NE(set_->version(), version);
}

TEST_F(IncludeTest, ReportsMistakesInTheFileThatMakesThem) {
  files_["shop/a.yaml"] = "version: 1\nrulez: []\n";
  EXPECT_THAT(load("version: 1\ninclude:\n  - a.yaml\n  - gone.yaml\n"),
              ElementsAre("shop/main.yaml:4:5: cannot include `gone.yaml`: no such file",
                          "shop/a.yaml:2:1: unknown key `rulez` in a rule file, did you mean rules?"));
}

TEST(Include, IsRefusedWhereFilesCannotBeRead) {
  EXPECT_THAT(Loaded("version: 1\ninclude: a.yaml\n").messages(),
              ElementsAre("rules.yaml:2:10: cannot include `a.yaml`: files cannot be included here"));
}

}  // namespace
}  // namespace personalize::rules
