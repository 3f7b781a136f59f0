#include "engine/exposures.h"

#include <gmock/gmock.h>

#include "tests/unit/engine/third_party.h"

namespace personalize::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr html::EditResult made{.matches = 1, .applied = 1, .reason = html::Skip::none};
constexpr html::EditResult nowhere{.matches = 0, .applied = 0, .reason = html::Skip::no_match};
constexpr html::EditResult partly{.matches = 2, .applied = 1, .reason = html::Skip::unsafe_region};

class Exposures : public ThirdParty {
 protected:
  Exposures() {
    use(write("r.lua", R"(return { name = "r",
      content = function(request, slot) if slot == "full" then return "something" end end,
      on_exposure = function(request, exposures, response)
        local all = {}
        for _, one in ipairs(exposures) do
          if one.applied then all[#all + 1] = { "SADD", "seen", one.rule } end
        end
        all[#all + 1] = { "INCR", "pages" }
        return response.viewed and all or nil
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

TEST_F(Exposures, OnlyRulesWhoseEditsWereMadeAreShown) {
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

TEST_F(Exposures, WhatNobodySawIsNotRecorded) {
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

TEST_F(Exposures, AReasonIsKnownForEveryRule) {
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
  const plugins::PageExposures page = evaluation.exposures({.bytes = 7, .complete = true, .results = results});
  std::vector<std::string> told;
  for (const plugins::Exposure& exposure : page.exposures)
    told.push_back(std::string(exposure.rule) + "=" + std::string(exposure.applied ? "applied" : exposure.reason));
  EXPECT_THAT(told,
              ::testing::UnorderedElementsAre("one=applied", "two=no_content", "three=no_match", "four=no_content"));
  EXPECT_EQ(page.response.bytes, 7u);
  EXPECT_TRUE(page.response.viewed());
}

TEST_F(Exposures, TellEverythingInLua) {
  settings_.plugins.clear();
  use(write("all.lua", R"(
    local function text(value)
      if type(value) ~= "table" then return tostring(value) end
      local names, all = {}, {}
      for name in pairs(value) do names[#names + 1] = name end
      table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
      for _, name in ipairs(names) do all[#all + 1] = name .. "=" .. text(value[name]) end
      return table.concat(all, " ")
    end
    return { name = "all",
      content = function(request, slot)
        return { items = { { item_id = "boots", url = "/p/boots" }, { item_id = 7 }, { item_id = "coat" }, "x" } }
      end,
      on_exposure = function(request, exposures, response, c)
        local all = { { "SET", "end", text(response) .. " " .. tostring(c.request.path) } }
        for _, one in ipairs(exposures) do all[#all + 1] = { "SET", one.slot, text(one) } end
        return all
      end })"));
  Evaluation evaluation(load_text(R"(version: 1
slots: { a: { select: a }, b: { select: b } }
rules:
  - { id: first, slot: a, content: all, do: { inner: "{{#content.items}}{{url}}{{/content.items}}" } }
  - { id: second, slot: b, do: { append: z } }
)"),
                        request());
  evaluation.resolve();
  evaluation.decide();
  ASSERT_EQ(evaluation.edits().size(), 2u) << evaluation.plugin_failure();
  const html::EditResult results[] = {made, nowhere};
  std::vector<std::string> told;
  for (const plugins::Fetch& one : evaluation.record({.status = 404, .bytes = 9, .complete = true, .results = results}))
    told.emplace_back(one.command[2]);
  EXPECT_THAT(told, ElementsAre("bot=false bytes=9 complete=true head=false prefetch=false status=404 viewed=false /",
                                "applied=true items=1=boots 2=coat rule=first slot=a",
                                "applied=false items= reason=no_match rule=second slot=b"))
      << evaluation.plugin_failure();
}

TEST_F(Exposures, InLuaWorkByTheirOldNameForOneVersion) {
  settings_.plugins.clear();
  use(write("old.lua", R"(return { name = "old",
      record = function(request, shown)
        local all = { { "INCR", "pages" } }
        for i, one in ipairs(shown) do all[i + 1] = { "SADD", "seen", one.slot .. one.rule } end
        return all
      end })"));
  Evaluation evaluation(load_text(two_rules), request());
  ASSERT_EQ(mistakes_.size(), 1u);
  EXPECT_THAT(mistakes_[0], ::testing::HasSubstr("old.lua: warning: plugin old: `record` is `on_exposure` since"));
  evaluation.resolve();
  evaluation.decide();
  const html::EditResult results[] = {nowhere, nowhere, made};
  EXPECT_TRUE(evaluation.record({.complete = false, .results = results}).empty());
  const auto commands = evaluation.record({.complete = true, .results = results});
  ASSERT_EQ(commands.size(), 2u) << evaluation.plugin_failure();
  EXPECT_EQ(commands[1].command[2], "bsecond");
}

TEST_F(Exposures, OfALongListAreItsFirstItems) {
  std::pmr::monotonic_buffer_resource memory;
  const rules::MapEntry item[] = {{rules::Value::string("item_id"), rules::Value::string("boots")}};
  const std::vector<rules::Value> items(150, rules::Value::map(item));
  const rules::MapEntry content[] = {{rules::Value::string("items"), rules::Value::list(items)}};
  EXPECT_EQ(item_ids(rules::Value::map(content), memory).size(), 100u);
  EXPECT_TRUE(item_ids(rules::Value::string("items"), memory).empty());
  EXPECT_TRUE(item_ids({}, memory).empty());
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
