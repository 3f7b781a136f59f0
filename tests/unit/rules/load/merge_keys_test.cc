// YAML's merge keys, and top-level keys that are places for anchors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string anchors = R"(version: 1
slots: { hero: { select: '#hero' }, offer: { select: '#offer' } }
x-hero: &hero { slot: hero, priority: 5, when: geo.country == "IE" }
x-offer: &offer { slot: offer, priority: 7, enabled: true, do: { inner: offer } }
)";

TEST(MergeKeys, GiveWhatTheMapDoesNotSayItself) {
  Loaded loaded(anchors + R"(rules:
  - { id: a, <<: *hero, do: { inner: a } }
  - { <<: *hero, id: b, slot: offer, do: { inner: b } }
  - { id: c, when: true, <<: [*hero, *offer] }
  - id: d
    <<: { slot: hero, do: { add_class: d } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  loaded.know("geo.country", "FR");
  EXPECT_EQ(loaded.decide(), "hero=c,hero=d");
  loaded.know("geo.country", "IE");
  EXPECT_EQ(loaded.decide(), "hero=a,hero=d,offer=b");
}

TEST(MergeKeys, WorkWhereNamesAreChosenAndInWhatIsMergedItself) {
  Loaded loaded(std::string(R"(version: 1
x-base: &base { a: { select: '#a' }, b: { select: '#b' } }
x-more: &more { <<: *base, c: { select: '#c' } }
slots:
  <<: *more
  b: { select: '#other' }
rules:
  - { id: r, slot: c, do: remove }
)"));
  ASSERT_THAT(loaded.messages(), IsEmpty());
  EXPECT_EQ(loaded.set().slot_count(), 3u);
  EXPECT_EQ(loaded.decide(), "c=r");
}

TEST(MergeKeys, InQuotesAreKeysLikeOthers) {
  const Loaded loaded(anchors + "rules: [{ id: a, \"<<\": *hero, do: remove }]\n");
  EXPECT_THAT(loaded.messages(),
              ElementsAre("rules.yaml:5:9: a rule needs `slot`", "rules.yaml:5:18: unknown key `<<` in a rule"));
}

TEST(MergeKeys, LeaveMistakesWhereTheyStand) {
  const Loaded loaded(std::string(R"(version: 1
slots: { hero: { select: '#hero' } }
x-base: &base { slot: hero, prioritty: 5 }
rules:
  - { id: a, <<: *base, do: remove }
)"));
  EXPECT_THAT(loaded.messages(),
              ElementsAre("rules.yaml:3:29: unknown key `prioritty` in a rule, did you mean priority?"));
}

TEST(MergeKeys, OfManyEntriesAreQuick) {
  std::string text = "version: 1\nx-a: &a {";
  for (int i = 0; i < 100'000; ++i) text += " k" + std::to_string(i) + ": 0,";
  text += " z: 0 }\nx-b: { <<: *a,";
  for (int i = 0; i < 100'000; ++i) text += " l" + std::to_string(i) + ": 0,";
  EXPECT_THAT(Loaded(text + " z: 0 }\n").messages(), IsEmpty());
}

TEST(Extensions, AreForTopLevelKeysOnly) {
  const Loaded loaded(std::string(R"(version: 1
x-anything: [1, { a: b }]
slots: { hero: { select: '#hero', x-note: hm } }
)"));
  EXPECT_THAT(loaded.messages(), ElementsAre("rules.yaml:3:35: unknown key `x-note` in a slot"));
}

}  // namespace
}  // namespace personalize::rules
