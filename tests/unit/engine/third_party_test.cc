// Plugins of third parties, as engines load them and as visits call them.
#include "tests/unit/engine/third_party.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace personalize::engine {
namespace {

using plugins::PluginFile;
using plugins::Reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What is wrong with a file that cannot be opened as a plugin.
std::string refusal(const std::string& path) {
  try {
    PluginFile::open(path);
  } catch (const plugins::ConfigurationError& error) {
    EXPECT_EQ(error.file, path);
    return error.what();
  }
  return "accepted";
}

TEST_F(ThirdParty, FilesThatAreNoPluginsAreRefusedInOneSentence) {
  EXPECT_THAT(refusal("/nonexistent/x.so"), HasSubstr("cannot be opened: No such file"));
  EXPECT_THAT(refusal(folder_), HasSubstr("it is a directory"));
  EXPECT_THAT(refusal(write("text.so", "hello")), HasSubstr("neither a shared object"));
  EXPECT_THAT(refusal(write("damaged.so",
                            "\x7f"
                            "ELF and nothing behind it")),
              HasSubstr("plugin cannot be loaded: "));
  EXPECT_THAT(refusal(built("plugin_entry.so")), HasSubstr("it has no PERSONALIZE_PLUGIN"));
  EXPECT_THAT(refusal(built("plugin_version.so")),
              HasSubstr("built for version 1 of the plugin interface, here is version 2: change what docs/plugins.md "
                        "says under \"Moving from version 1\", and rebuild it"));
  for (const char* difference : {"plugin_headers.so", "plugin_sizes.so"})
    EXPECT_THAT(refusal(built(difference)), HasSubstr("built with other headers")) << difference;
  EXPECT_THAT(refusal(write("rules.lua", "local x = 1")), HasSubstr("a plugin in Lua returns a table"));
  EXPECT_THAT(refusal(write("broken.lua", "return {")), HasSubstr("unexpected symbol"));
  EXPECT_THAT(refusal(write("odd.lua", "return { name = 'odd', resolves = 1 }")),
              HasSubstr("unknown field resolves of a provider, did you mean resolve?"));
}

TEST_F(ThirdParty, AFileThatIsReplacedIsAnotherPluginWhenItIsOpenedAgain) {
  const std::string path = folder_ / "plugin.so";
  std::filesystem::copy_file(built("plugin_faulty.so"), path);
  const auto first = PluginFile::open(path);
  std::filesystem::copy_file(built("loyalty.so"), path, std::filesystem::copy_options::overwrite_existing);
  const auto second = PluginFile::open(path);
  EXPECT_EQ(first->make()->name(), "faulty");
  EXPECT_EQ(second->make()->name(), "loyalty");
}

TEST_F(ThirdParty, TheLoyaltyExampleMakesATierOfThePointsInRedis) {
  use(built("loyalty.so"), {{"gold", "1000"}});
  auto engine = load("loyalty.tier == \"gold\"", "{{loyalty.tier}}");
  ASSERT_TRUE(engine) << ::testing::PrintToString(mistakes_);
  Evaluation evaluation(engine, request());
  const auto fetches = evaluation.resolve();
  ASSERT_EQ(fetches.size(), 1u);
  EXPECT_THAT(std::vector<std::string>(fetches[0].command.begin(), fetches[0].command.end()),
              ElementsAre("HGET", "personalize:{alice}:loyalty", "points"));
  evaluation.receive(0, {.kind = Reply::Kind::string, .text = "1200"});
  evaluation.decide();
  EXPECT_EQ(evaluation.decisions().size(), 1u);
  ASSERT_EQ(evaluation.edits().size(), 1u);
  EXPECT_EQ(evaluation.edits()[0].content, "gold");
  EXPECT_EQ(evaluation.profile_status(), FetchStatus::not_needed);
}

TEST_F(ThirdParty, OptionsThatThePluginDoesNotKnowAreMistakes) {
  use(built("loyalty.so"), {{"glod", "1000"}});
  EXPECT_FALSE(load("true"));
  EXPECT_THAT(mistakes_, ElementsAre(HasSubstr("loyalty.so: plugin loyalty has no option glod, did you mean gold?")));
  mistakes_.clear();
  settings_.plugins.clear();
  use(example("store_hours.lua"), {{"open", "7"}});
  EXPECT_FALSE(load("true"));
  EXPECT_THAT(mistakes_,
              ElementsAre(HasSubstr("store_hours.lua: plugin store_hours has no option open, did you mean opens?")));
}

TEST_F(ThirdParty, NoTwoPluginsShareAName) {
  use(built("plugin_geo.so"));
  use(built("loyalty.so"));
  use(write("loyalty.lua", "return { name = 'loyalty' }"));
  EXPECT_FALSE(load("true"));
  EXPECT_THAT(mistakes_, ElementsAre(HasSubstr("plugin_geo.so: there is already a plugin named geo: it is built in"),
                                     HasSubstr("loyalty.lua: there is already a plugin named loyalty: ")));
  EXPECT_THAT(mistakes_[1], HasSubstr("loyalty.so"));
}

TEST_F(ThirdParty, NoAttributeIsClaimedTwice) {
  use(built("plugin_faulty.so"), {{"where", "twice"}});
  EXPECT_FALSE(load("true"));
  EXPECT_THAT(mistakes_, ElementsAre(HasSubstr("plugin_faulty.so: there is already an attribute faulty.before")));
}

TEST_F(ThirdParty, WhatAPluginThrowsWhileRulesAreLoadedIsAMistakeWithItsName) {
  for (const char* where : {"configure", "attributes", "activate"}) {
    for (const auto& [what, message] :
         {std::pair{"std", "broken on purpose"}, {"int", "failed for an unknown reason"}}) {
      settings_.plugins.clear();
      mistakes_.clear();
      use(built("plugin_faulty.so"), {{"where", where}, {"what", what}});
      EXPECT_FALSE(load(std::string(where) == "activate" ? "has(faulty.before)" : "true")) << where << what;
      EXPECT_THAT(mistakes_, ElementsAre(HasSubstr(std::string("plugin_faulty.so: plugin faulty: ") + message)))
          << where;
    }
  }
}

TEST_F(ThirdParty, WhatAPluginThrowsForARequestCostsItsAttributesAndNothingElse) {
  for (const char* where : {"needs", "resolve"}) {
    for (const auto& [what, message] :
         {std::pair{"std", "broken on purpose"}, {"int", "failed for an unknown reason"}}) {
      settings_.plugins.clear();
      use(built("plugin_faulty.so"), {{"where", where}, {"what", what}, {"command", "HGET"}});
      auto engine = load("!has(faulty.before) && !has(faulty.after) && request.path == \"/\"");
      ASSERT_TRUE(engine) << ::testing::PrintToString(mistakes_);
      Evaluation evaluation(engine, request());
      EXPECT_EQ(evaluation.resolve().size(), std::string(where) == "needs" ? 0u : 1u);
      evaluation.decide();
      EXPECT_EQ(evaluation.plugin_failures(), 1u) << where;
      EXPECT_EQ(evaluation.plugin_failure(), std::string("faulty: ") + message);
      EXPECT_EQ(evaluation.decisions().size(), 1u) << where;
    }
  }
}

TEST_F(ThirdParty, CommandsThatCouldHarmTheConnectionAreNotSent) {
  for (const char* command : {"SUBSCRIBE", "MULTI", "BLPOP", "CLIENT", "QUIT", "SET", "hget", "HGET x", "KEYS", ""}) {
    if (!*command) continue;
    settings_.plugins.clear();
    use(built("plugin_faulty.so"), {{"command", command}});
    Evaluation evaluation(load("has(faulty.before)"), request());
    EXPECT_TRUE(evaluation.resolve().empty()) << command;
    EXPECT_THAT(std::string(evaluation.plugin_failure()), HasSubstr("plugins may not ask with the Redis command"))
        << command;
  }
  for (const char* key : {"a b", "}:profile", "{x}", "a\r\nb", "*"}) {
    settings_.plugins.clear();
    use(built("plugin_faulty.so"), {{"command", "HGET"}, {"key", key}});
    Evaluation evaluation(load("has(faulty.before)"), request());
    EXPECT_TRUE(evaluation.resolve().empty()) << key;
    EXPECT_THAT(std::string(evaluation.plugin_failure()), HasSubstr("cannot be part of a Redis key")) << key;
  }
}

TEST_F(ThirdParty, NothingIsAskedAboutVisitorsWhoDidNotAgree) {
  use(built("loyalty.so"));
  settings_.consent.required = true;
  Evaluation evaluation(load("loyalty.tier == \"gold\""), request());
  EXPECT_TRUE(evaluation.resolve().empty());
  evaluation.decide();
  EXPECT_TRUE(evaluation.decisions().empty());
  EXPECT_EQ(evaluation.plugin_failures(), 0u);
}

/// Commands as texts.
std::vector<std::string> texts(std::span<const plugins::Fetch> commands) {
  std::vector<std::string> all;
  for (const plugins::Fetch& one : commands) {
    all.emplace_back();
    for (std::string_view word : one.command) all.back() += std::string(word) + " ";
  }
  return all;
}

/// Records every edit as made, and the page as seen.
std::span<const plugins::Fetch> record_all(Evaluation& evaluation) {
  const std::vector<html::EditResult> results(evaluation.edits().size(),
                                              {.matches = 1, .applied = 1, .reason = html::Skip::none});
  return evaluation.record({.complete = true, .results = results});
}

TEST_F(ThirdParty, WhatWasShownIsRecordedEvenIfRulesWantNothingOfThePlugin) {
  use(built("plugin_faulty.so"), {{"where", "on_exposure"}, {"what", "nothing"}});
  use(write("r.lua", R"(return { name = "r", on_exposure = function(request, exposures)
    return { { "LPUSH", "seen", request.path .. exposures[1].slot .. exposures[1].rule } } end })"));
  Evaluation evaluation(load("true"), request());
  EXPECT_TRUE(evaluation.resolve().empty());
  evaluation.decide();
  EXPECT_THAT(texts(record_all(evaluation)),
              ElementsAre("HINCRBY personalize:{alice}:shown won 1 ", "LPUSH personalize:{alice}:seen /awon "))
      << evaluation.plugin_failure();
}

TEST_F(ThirdParty, NothingIsRecordedAboutStrangersAndThoseWhoDidNotAgree) {
  use(built("plugin_faulty.so"), {{"where", "on_exposure"}, {"what", "nothing"}});
  auto nobody = request();
  nobody.visitor = {};
  Evaluation anonymous(load("true"), nobody);
  anonymous.resolve();
  anonymous.decide();
  EXPECT_TRUE(record_all(anonymous).empty());
  settings_.consent.required = true;
  Evaluation silent(load("true"), request());
  silent.resolve();
  silent.decide();
  EXPECT_TRUE(record_all(silent).empty());
}

TEST_F(ThirdParty, RecordingFailsByItself) {
  use(built("plugin_faulty.so"), {{"where", "on_exposure"}, {"what", "std"}});
  use(built("loyalty.so"));
  Evaluation evaluation(load("true"), request());
  evaluation.resolve();
  evaluation.decide();
  EXPECT_TRUE(record_all(evaluation).empty());
  EXPECT_EQ(evaluation.plugin_failure(), "faulty: broken on purpose");
  settings_.plugins.erase(settings_.plugins.begin());
  use(built("plugin_faulty.so"), {{"where", "on_exposure"}, {"what", "nothing"}, {"command", "FLUSHALL"}});
  Evaluation harmful(load("true"), request());
  harmful.resolve();
  harmful.decide();
  EXPECT_TRUE(record_all(harmful).empty());
  EXPECT_THAT(std::string(harmful.plugin_failure()),
              HasSubstr("plugins may not record with the Redis command FLUSHALL"));
}

TEST_F(ThirdParty, AFileOfLuaAmongTheRulesThatReturnsATableIsAPlugin) {
  const std::string provider = write("hello.lua", R"(
    return { name = "hello", attributes = { word = "string" },
             resolve = function(request, replies, c) return { word = request.method .. " " .. c.request.path } end })");
  const std::string rules = write(
      "rules.yaml",
      "version: 1\nslots: { a: { select: a } }\nrules:\n  - { id: won, slot: a, do: { inner: \"{{hello.word}}\" } }\n");
  rules::Diagnostics diagnostics;
  auto engine = Engine::load({rules, provider}, settings_, diagnostics);
  ASSERT_TRUE(engine) << (diagnostics.empty() ? "" : rules::to_string(diagnostics[0]));
  Evaluation evaluation(engine, request());
  evaluation.resolve();
  evaluation.decide();
  ASSERT_EQ(evaluation.edits().size(), 1u) << evaluation.plugin_failure();
  EXPECT_EQ(evaluation.edits()[0].content, "GET /");
}

// Whoever needs more has a place outside of the interface: HostSettings.
TEST(PluginInterface, HasTheSizesThatPluginsWereBuiltWith) {
  const plugins::InterfaceBuild build;
  EXPECT_THAT(build.sizes, ElementsAre(8, 32, 24, 16, 56, 72, 40, 48, 64, 104, 24, 56, 56, 144, 56, 72, 48, 32, 48, 32,
                                       152, 104, 32, 72, 304));
  EXPECT_EQ(std::string_view(build.headers).size(), 32u);
}

}  // namespace
}  // namespace personalize::engine
