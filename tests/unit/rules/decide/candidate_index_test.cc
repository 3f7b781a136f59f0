#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "rules/decide/page_index.h"
#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

using testing::IsEmpty;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
  template <std::size_t n>
  std::string of(const char* const (&choices)[n]) {
    return choices[below(n)];
  }

 private:
  std::mt19937 engine_;
};

std::string random_predicate(Random& random) {
  static constexpr const char* predicates[] = {"geo.country == \"DE\"",
                                               "geo.country == \"IE\"",
                                               "geo.country in [\"DE\", \"IE\", \"FR\"]",
                                               "geo.country != \"DE\"",
                                               "!(geo.country in [\"GB\"])",
                                               "\"phone\" == device.type",
                                               "device.type == \"tablet\"",
                                               "time.hour >= 18",
                                               "time.hour == 12",
                                               "time.hour < 6",
                                               "weather.raining",
                                               "!weather.raining",
                                               "has(geo.city)",
                                               "!has(geo.city)",
                                               "weather.temperature_c < 18.0",
                                               "segments.wet",
                                               "!segments.wet",
                                               "segments.evening",
                                               "(geo.country == \"DE\" || time.hour == 12)",
                                               "profile.interests.exists(i, i == \"rain\")",
                                               "\"rain\" in profile.interests",
                                               "geo.city.startsWith(\"D\")",
                                               "true",
                                               "time.hour in [6, 12, 18]"};
  return random.of(predicates);
}

std::string random_rules(Random& random, int count) {
  static constexpr const char* pages[] = {"",
                                          "",
                                          "",
                                          "pages: /, ",
                                          "pages: /c/*, ",
                                          "pages: [\"/c/*\", \"!/c/a\"], ",
                                          "pages: \"!/cart\", ",
                                          "pages: \"*/a\", ",
                                          "pages: [/c/a, /c/b], "};
  static constexpr const char* actions[] = {"inner: x", "inner: y", "append: x", "add_class: a", "replace: z"};
  std::string text = R"(version: 1
attributes: { profile: { interests: list<string> } }
slots: { a: { select: a }, b: { select: b, pages: ["/c/*", "/"] } }
segments:
  wet: weather.raining && weather.temperature_c < 18.0
  evening: time.hour >= 18
rules:
)";
  for (int i = 0; i < count; ++i) {
    text += "  - { id: r" + std::to_string(i) + ", slot: " + (random.below(2) ? "a" : "b") + ", " + random.of(pages);
    text += "priority: " + std::to_string(random.below(4)) + ", ";
    if (const int predicates = random.below(4)) {
      text += "when: '" + random_predicate(random);
      for (int p = 1; p < predicates; ++p) text += " && " + random_predicate(random);
      text += "', ";
    }
    text += "do: { " + random.of(actions) + " } }\n";
  }
  return text;
}

void know_something(Random& random, Loaded& loaded) {
  static const Value interests[] = {Value::string("snow"), Value::string("rain")};
  static constexpr const char* countries[] = {"DE", "IE", "GB", "XX"};
  static constexpr const char* devices[] = {"phone", "tablet", "tv"};
  const auto maybe = [&](std::string_view name, Value value) { loaded.know(name, random.below(4) ? value : Value()); };
  maybe("geo.country", Value::string(countries[random.below(4)]));
  maybe("geo.city", Value::string(random.below(2) ? "Dublin" : "Cork"));
  maybe("device.type", Value::string(devices[random.below(3)]));
  maybe("time.hour", Value::int64(random.below(4) * 6));
  maybe("weather.raining", Value::boolean(random.below(2)));
  maybe("weather.temperature_c", Value::real(random.below(30)));
  maybe("profile.interests", Value::list(std::span(interests).first(1 + random.below(2))));
}

/// The winners by asking every rule.
std::string asked_one_by_one(Loaded& loaded, std::string_view path) {
  std::string text;
  for (const Candidate& candidate : loaded.explain(path))
    if (candidate.won)
      text += (text.empty() ? "" : ",") + std::string(loaded.set().slot_name(candidate.slot)) + "=" +
              std::string(loaded.set().rule_name(candidate.rule));
  return text;
}

TEST(CandidateIndex, FindsTheSameWinnersAsAskingEveryRule) {
  Random random(4711);
  for (int set = 0; set < 60; ++set) {
    Loaded loaded(random_rules(random, 1 + random.below(200)));
    ASSERT_THAT(loaded.messages(), IsEmpty());
    for (int visitor = 0; visitor < 20; ++visitor) {
      know_something(random, loaded);
      for (std::string_view path : {"/", "/c/a", "/c/b/a", "/cart"}) {
        const std::string winners = asked_one_by_one(loaded, path);
        ASSERT_EQ(loaded.decide(path), winners) << "set " << set << ", visitor " << visitor << ", " << path;
        if (!loaded.set().applies_to(path)) {
          EXPECT_EQ(winners, "");
        }
      }
    }
  }
}

TEST(PageIndex, FindsTheListsThatMatch) {
  Random random(99);
  static constexpr const char* parts[] = {"/", "a", "b", "*", "/a", "/*"};
  std::pmr::monotonic_buffer_resource memory;
  for (int round = 0; round < 200; ++round) {
    PageIndex index;
    std::vector<PagePatterns> lists;
    std::vector<std::uint32_t> numbers;
    for (int i = 0; i < 20; ++i) {
      PagePatterns& list = lists.emplace_back();
      for (int p = 0; p <= random.below(3); ++p)
        list.add((random.below(4) ? "/" : "!/") + random.of(parts) + random.of(parts) + random.of(parts));
      numbers.push_back(index.add(list));
    }
    index.build();
    for (std::string_view path : {"/", "/a", "/a/b", "//a", "/b/a/a", "/ab"}) {
      const auto found = index.find(path, memory);
      for (std::size_t i = 0; i < lists.size(); ++i)
        EXPECT_EQ(std::count(found.begin(), found.end(), numbers[i]), lists[i].match(path)) << path;
    }
  }
}

TEST(Pages, LetAStarStandForAnything) {
  EXPECT_TRUE(matches_glob("/c/*", "/c/"));
  EXPECT_TRUE(matches_glob("/c/*", "/c/a/b"));
  EXPECT_FALSE(matches_glob("/c/*", "/c"));
  EXPECT_TRUE(matches_glob("*/sale", "/a/b/sale"));
  EXPECT_FALSE(matches_glob("/*/sale", "/sales"));
  EXPECT_TRUE(matches_glob("/*a*b*c", "/aabbcc"));
  EXPECT_FALSE(matches_glob("/*a*b*c", "/aabbccd"));
  EXPECT_TRUE(matches_glob("**", ""));
}

}  // namespace
}  // namespace personalize::rules
