#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string hero = R"(version: 1
attributes:
  profile:
    tier: string
    first_name: string
    lifetime_value: double
    interests: list<string>
    note: html
slots:
  hero: { select: "#hero" }
  offer: { select: "[data-slot=offer]", pages: ["/", "/c/*"] }
)";

TEST(RuleSet, DecidesAndRendersWhatTheDesignShows) {
  Loaded loaded(R"(version: 1
attributes:
  profile:
    first_name: string
    lifetime_value: double
slots:
  hero:  { select: "#hero" }
  offer: { select: "[data-slot=offer]", pages: ["/", "/c/*"] }
segments:
  wet_day: weather.raining && weather.temperature_c < 18.0
  vip:     profile.lifetime_value > 1000.0
rules:
  - id: umbrellas
    slot: hero
    when: segments.wet_day && geo.country in ["GB", "IE"]
    priority: 20
    do:
      inner: |
        <a class="banner" href="/c/umbrellas">Rain in {{geo.city}}? Stay dry.</a>
  - id: vip-offer
    slot: offer
    when: segments.vip
    do:
      - inner: "<p>Free express delivery for you, {{profile.first_name}}</p>"
      - add_class: offer--vip
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  loaded.know("weather.raining", Value::boolean(true)).know("weather.temperature_c", Value::real(12));
  loaded.know("geo.country", "IE").know("geo.city", "Baile <Átha> Cliath");
  loaded.know("profile.lifetime_value", Value::real(2000)).know("profile.first_name", "Aoife & Co");
  EXPECT_EQ(loaded.decide("/"), "hero=umbrellas,offer=vip-offer");
  const auto edits = loaded.edits("/");
  ASSERT_EQ(edits.size(), 3u);
  EXPECT_EQ(edits[0].slot, 0u);
  EXPECT_EQ(edits[0].operation, html::Operation::inner);
  EXPECT_EQ(edits[0].content,
            "<a class=\"banner\" href=\"/c/umbrellas\">Rain in Baile &lt;Átha&gt; Cliath? Stay dry.</a>\n");
  EXPECT_EQ(edits[1].content, "<p>Free express delivery for you, Aoife &amp; Co</p>");
  EXPECT_EQ(edits[2].operation, html::Operation::add_class);
  EXPECT_EQ(edits[2].value, "offer--vip");
}

TEST(RuleSet, GivesASlotToTheHighestPriorityThenToTheFirst) {
  Loaded loaded(hero + R"(
rules:
  - { id: low, slot: hero, priority: -1, do: { inner: low } }
  - { id: first, slot: hero, do: { inner: first } }
  - { id: second, slot: hero, do: { inner: second } }
  - { id: high, slot: hero, priority: 5, when: 'geo.country == "DE"', do: { inner: high } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  EXPECT_EQ(loaded.decide(), "hero=first");
  loaded.know("geo.country", "DE");
  EXPECT_EQ(loaded.decide(), "hero=high");
}

TEST(RuleSet, LetsRulesShareASlotIfTheyChangeDifferentThings) {
  Loaded loaded(hero + R"(
rules:
  - { id: text, slot: hero, do: { inner: text } }
  - { id: link, slot: hero, do: { set_attribute: { name: href, value: /a } } }
  - { id: other-link, slot: hero, do: { remove_attribute: HREF } }
  - { id: title, slot: hero, do: [ { set_attribute: { name: title, value: t } }, { add_class: a } ] }
  - { id: gone, slot: hero, do: remove }
  - { id: class, slot: hero, do: { add_class: [b, c] } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  EXPECT_EQ(loaded.decide(), "hero=text,hero=link,hero=title,hero=class");
}

TEST(RuleSet, CountsTargetsBeyondThoseThatFitAMask) {
  std::string text = hero + "rules:\n";
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(i);
    text += "  - { id: r" + n + ", slot: hero, do: { add_class: c" + n + " } }\n";
    text += "  - { id: s" + n + ", slot: hero, do: { add_class: c" + n + " } }\n";
  }
  Loaded loaded(text);
  ASSERT_THAT(loaded.messages(), IsEmpty());
  const std::string decisions = loaded.decide();
  EXPECT_EQ(std::count(decisions.begin(), decisions.end(), '='), 100);
  EXPECT_EQ(decisions.find('s'), std::string::npos);
}

TEST(RuleSet, KnowsWhichPagesSlotsAndRulesAreFor) {
  Loaded loaded(hero + R"(
rules:
  - { id: everywhere, slot: offer, do: { inner: x } }
  - { id: coats, slot: hero, pages: ["/c/*", "!/c/*/sale"], do: { inner: x } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  EXPECT_EQ(loaded.decide("/"), "offer=everywhere");
  EXPECT_EQ(loaded.decide("/c/coats/long"), "hero=coats,offer=everywhere");
  EXPECT_EQ(loaded.decide("/c/coats/sale"), "offer=everywhere");
  EXPECT_TRUE(loaded.set().applies_to("/c/coats"));
  EXPECT_FALSE(loaded.set().applies_to("/checkout"));
}

TEST(RuleSet, TakesAMissingAttributeForFalse) {
  Loaded loaded(hero + R"(
rules:
  - { id: tier, slot: hero, when: profile.tier != "gold", do: { inner: x } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  EXPECT_EQ(loaded.decide(), "");
  const auto candidates = loaded.explain();
  ASSERT_EQ(candidates.size(), 1u);
  EXPECT_EQ(candidates[0].lost, Lost::missing_attribute);
  EXPECT_THAT(candidates[0].detail, testing::HasSubstr("profile.tier"));
}

TEST(RuleSet, ExplainsWhyEachRuleLost) {
  Loaded loaded(hero + R"(
rules:
  - { id: off, slot: hero, enabled: false, do: { inner: x } }
  - { id: elsewhere, slot: hero, pages: /cart, do: { inner: x } }
  - { id: german, slot: hero, priority: 9, when: 'geo.country == "DE"', do: { inner: x } }
  - { id: winner, slot: hero, priority: 2, do: { inner: x } }
  - { id: loser, slot: hero, priority: 1, do: { inner: x } }
  - { id: later, slot: hero, priority: 2, do: { inner: x } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  loaded.know("geo.country", "IE");
  std::vector<std::string> fates;
  for (const Candidate& c : loaded.explain("/"))
    fates.push_back(std::string(loaded.set().rule_name(c.rule)) + " " +
                    (c.won ? "won" : std::string(to_string(c.lost))));
  EXPECT_THAT(fates, ElementsAre("german condition", "winner won", "later priority", "loser priority",
                                 "elsewhere other_page", "off disabled"));
  const auto candidates = loaded.explain("/");
  EXPECT_EQ(candidates[2].detail, "winner has the same priority and comes first");
  EXPECT_EQ(candidates[3].detail, "winner has priority 2, this 1");
  EXPECT_EQ(candidates[4].detail, "the rule is for /cart, the page is /");
}

TEST(RuleSet, UnderstandsListsOfConditions) {
  Loaded loaded(hero + R"(
rules:
  - id: lists
    slot: hero
    when:
      all:
        - geo.country == "DE"  # a comment
        - any: [ 'device.type == "phone"', 'device.type == "tablet"' ]
        - not: time.hour < 6 || time.hour > 22
    do: { inner: x }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  loaded.know("geo.country", "DE").know("device.type", "tablet").know("time.hour", Value::int64(12));
  EXPECT_EQ(loaded.decide(), "hero=lists");
  loaded.know("time.hour", Value::int64(23));
  EXPECT_EQ(loaded.decide(), "");
  loaded.know("time.hour", Value::int64(12)).know("device.type", "desktop");
  EXPECT_EQ(loaded.decide(), "");
}

TEST(RuleSet, UsesOnlyAttributesOfEnabledRules) {
  Loaded loaded(hero + R"(
segments:
  wet: weather.raining
  unused: weather.temperature_c < 3.0
rules:
  - { id: a, slot: hero, when: segments.wet, do: { inner: "{{geo.city}}" } }
  - { id: b, slot: hero, enabled: false, when: time.hour == 3, do: { inner: x } }
  - { id: c, slot: hero, do: { reorder: { by: data-sku, order: profile.interests } } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  std::vector<std::string> names;
  for (AttributeId id : loaded.set().used_attributes()) names.push_back(loaded.set().schema()[id].name);
  EXPECT_THAT(names, ElementsAre("geo.city", "weather.raining", "profile.interests"));
}

TEST(RuleSet, SetsAttributesToPlainTextAndAddressesToSafeOnes) {
  Loaded loaded(hero + R"(
rules:
  - id: a
    slot: hero
    do:
      - set_attribute: { name: title, value: "For {{profile.first_name}}" }
      - set_attribute: { name: href, value: "/c/{{profile.tier}}" }
      - set_attribute: { name: src, value: "{{profile.tier}}" }
      - set_attribute: { name: onclick, value: "go(1)  ", allow_unsafe: true }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  loaded.know("profile.first_name", "O'Hara & <Co>").know("profile.tier", "javascript:alert(1)");
  const auto edits = loaded.edits();
  ASSERT_EQ(edits.size(), 4u);
  EXPECT_EQ(edits[0].value, "For O'Hara & <Co>");
  EXPECT_EQ(edits[1].value, "/c/javascript%3Aalert%281%29");
  EXPECT_EQ(edits[2].value, "#");
  EXPECT_EQ(edits[3].value, "go(1)  ");
}

TEST(RuleSet, ReordersByAListOrByAnAttribute) {
  Loaded loaded(hero + R"(
rules:
  - { id: fixed, slot: hero, do: { reorder: { by: data-sku, order: [b, a] } } }
  - { id: own, slot: offer, do: { reorder: { by: data-sku, order: profile.interests } } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  ASSERT_EQ(loaded.edits().size(), 1u) << "an order that is not known is no edit";
  const Value interests[] = {Value::string("rain"), Value::string("snow")};
  loaded.know("profile.interests", Value::list(interests));
  const auto edits = loaded.edits();
  ASSERT_EQ(edits.size(), 2u);
  EXPECT_EQ(edits[0].name, "data-sku");
  EXPECT_LT(edits[0].order->key("b"), edits[0].order->key("a"));
  EXPECT_LT(edits[0].order->key("a"), edits[0].order->key("z"));
  EXPECT_LT(edits[1].order->key("rain"), edits[1].order->key("snow"));
  EXPECT_LT(edits[1].order->key("snow"), edits[1].order->key("sun"));
}

TEST(RuleSet, TellsOrdersApart) {
  Loaded loaded(hero + R"(
rules:
  - { id: fixed, slot: hero, do: { reorder: { by: data-sku, order: [rain, snow] } } }
  - { id: own, slot: offer, do: { reorder: { by: data-sku, order: profile.interests } } }
)");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  const auto own = [&loaded](std::initializer_list<Value> interests) {
    const std::vector<Value> list = interests;
    loaded.know("profile.interests", Value::list(list));
    const auto edits = loaded.edits();
    std::string fixed, order;
    edits.at(0).order->describe(fixed);
    edits.at(1).order->describe(order);
    EXPECT_EQ(fixed, "4 rain4 snow");
    return order;
  };
  EXPECT_EQ(own({Value::string("rain"), Value::string("snow")}), "4 rain4 snow");
  EXPECT_EQ(own({Value::string("snow"), Value::string("rain")}), "4 snow4 rain");
  EXPECT_EQ(own({Value::string("rain4 snow")}), "10 rain4 snow");
  EXPECT_EQ(own({}), "");
}

TEST(RuleSet, KnowsTheSlotsThatItsRulesSort) {
  const Loaded none(hero), some(hero + R"(
rules:
  - { id: a, slot: hero, do: { inner: "x" } }
  - { id: b, slot: offer, do: [ { add_class: x }, { reorder: { by: data-sku, order: [a] } } ] }
  - { id: c, slot: hero, enabled: false, do: { reorder: { by: data-sku, order: [a] } } }
)");
  EXPECT_THAT(none.set().sorted_slots(), IsEmpty());
  EXPECT_THAT(some.set().sorted_slots(), ElementsAre(1));
}

TEST(RuleSet, HasAVersionThatFollowsItsContent) {
  const Loaded one(hero), same(std::vector<SourceFile>{{"elsewhere.yaml", hero}}), other(hero + "\n");
  EXPECT_EQ(one.set().version(), same.set().version());
  EXPECT_NE(one.set().version(), other.set().version());
  EXPECT_EQ(one.set().version().size(), 16u);
}

TEST(RuleSet, IsEmptyWithoutFiles) {
  Loaded loaded(std::vector<SourceFile>{});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded.decide(), "");
  EXPECT_FALSE(loaded.set().applies_to("/"));
}

}  // namespace
}  // namespace personalize::rules
