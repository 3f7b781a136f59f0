#include "engine/outcome.h"

#include <gmock/gmock.h>

#include "tests/unit/engine/third_party.h"

namespace personalize::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr html::EditResult made{.matches = 1, .applied = 1, .reason = html::Skip::none};
constexpr html::EditResult nowhere{.matches = 0, .applied = 0, .reason = html::Skip::no_match};
constexpr html::EditResult partly{.matches = 2, .applied = 1, .reason = html::Skip::unsafe_region};

class Outcomes : public ThirdParty {
 protected:
  Outcomes() {
    use(write("r.lua", R"(return { name = "r",
      content = function(request, slot) if slot == "full" then return "something" end end,
      record = function(request, shown)
        local all = {}
        for i, one in ipairs(shown) do all[i] = { "SADD", "seen", one.rule } end
        all[#all + 1] = { "INCR", "pages" }
        return all
      end })"));
  }

  /// The rules reported as shown after that; "pages" too if `record` was called.
  std::vector<std::string> recorded(const std::string& rules, const Sent& sent,
                                    plugins::Request request = ThirdParty::request()) {
    Evaluation evaluation(load_text(rules), request);
    evaluation.resolve();
    evaluation.decide();
    std::vector<std::string> all;
    for (const plugins::Fetch& one : evaluation.record(sent))
      all.emplace_back(one.command.size() > 2 ? one.command[2] : "pages");
    return all;
  }
};

const std::string two_rules = R"(version: 1
slots: { a: { select: a }, b: { select: b } }
rules:
  - { id: first, slot: a, do: [ { inner: x }, { add_class: y } ] }
  - { id: second, slot: b, do: { append: z } }
)";

TEST_F(Outcomes, OnlyRulesWhoseEditsWereMadeAreShown) {
  const html::EditResult all[] = {made, made, made};
  EXPECT_THAT(recorded(two_rules, {.complete = true, .results = all}), ElementsAre("first", "second", "pages"));
  const html::EditResult one[] = {nowhere, nowhere, made};
  EXPECT_THAT(recorded(two_rules, {.complete = true, .results = one}), ElementsAre("second", "pages"));
  const html::EditResult some[] = {nowhere, made, nowhere};
  EXPECT_THAT(recorded(two_rules, {.complete = true, .results = some}), ElementsAre("first", "pages"));
  const html::EditResult part[] = {partly, nowhere, nowhere};
  EXPECT_THAT(recorded(two_rules, {.complete = true, .results = part}), ElementsAre("first", "pages"));
  EXPECT_THAT(recorded(two_rules, {.complete = true}), ElementsAre("pages"));
}

TEST_F(Outcomes, WhatNobodySawIsNotRecorded) {
  const html::EditResult all[] = {made, made, made};
  const Sent seen{.complete = true, .results = all};
  EXPECT_THAT(recorded(two_rules, {.complete = false, .results = all}), IsEmpty());
  EXPECT_THAT(recorded(two_rules, {.status = 404, .complete = true, .results = all}), IsEmpty());
  EXPECT_THAT(recorded(two_rules, {.status = 499, .complete = true, .results = all}), IsEmpty());
  EXPECT_THAT(recorded(two_rules, {.status = 304, .complete = true, .results = all}),
              ElementsAre("first", "second", "pages"));
  auto head = request();
  head.method = "HEAD";
  EXPECT_THAT(recorded(two_rules, seen, head), IsEmpty());
}

TEST_F(Outcomes, AReasonIsKnownForEveryRule) {
  const std::string rules = R"(version: 1
slots: { full: { select: a }, none: { select: b }, gone: { select: i }, blank: { select: u } }
rules:
  - { id: one, slot: full, content: r, do: { inner: "{{content}}" } }
  - { id: two, slot: none, content: r, do: { inner: "{{content}}" } }
  - { id: three, slot: gone, do: remove }
  - { id: four, slot: blank, do: { append: "{{request.language}}" } }
)";
  Evaluation evaluation(load_text(rules), request());
  evaluation.resolve();
  evaluation.decide();
  ASSERT_EQ(evaluation.edits().size(), 3u) << ::testing::PrintToString(mistakes_);
  const html::EditResult results[] = {made, nowhere, made};
  const Outcome outcome = evaluation.outcome({.bytes = 7, .complete = true, .results = results});
  std::vector<std::string> told;
  for (std::size_t i = 0; i < outcome.decisions.size(); ++i)
    told.push_back(std::string(evaluation.engine().rules().rule_name(evaluation.decisions()[i].rule)) + "=" +
                   std::string(outcome.decisions[i].applied ? "applied" : outcome.decisions[i].reason));
  EXPECT_THAT(told,
              ::testing::UnorderedElementsAre("one=applied", "two=no_content", "three=no_match", "four=no_content"));
  EXPECT_EQ(outcome.sent.bytes, 7u);
  EXPECT_TRUE(outcome.is_view());
}

TEST(Prefetches, AreToldByEveryBrowsersHeader) {
  const auto prefetch = [](std::string_view name, std::string_view value) {
    const plugins::Header headers[] = {{"Accept", "text/html"}, {name, value}};
    plugins::Request request;
    request.headers = headers;
    return is_prefetch(request);
  };
  EXPECT_TRUE(prefetch("Sec-Purpose", "prefetch"));
  EXPECT_TRUE(prefetch("Sec-Purpose", "prefetch;prerender"));
  EXPECT_TRUE(prefetch("Sec-Purpose", "prefetch;anonymous-client-ip"));
  EXPECT_TRUE(prefetch("purpose", "prefetch"));
  EXPECT_TRUE(prefetch("Purpose", "Preview"));
  EXPECT_TRUE(prefetch("X-Purpose", "preview"));
  EXPECT_TRUE(prefetch("X-Moz", "prefetch"));
  EXPECT_FALSE(prefetch("Sec-Purpose", ""));
  EXPECT_FALSE(prefetch("X-Mozilla", "prefetch"));
  EXPECT_FALSE(prefetch("Referer", "https://shop.example/prefetch"));
}

}  // namespace
}  // namespace personalize::engine
