// What engines loaded from the same files share.
#include "engine/rules/rule_load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/engine.h"
#include "engine/evaluation.h"
#include "plugins/plugin_file.h"

namespace personalize::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RuleLoadTest : public ::testing::Test {
 protected:
  RuleLoadTest() {
    folder_ = fs::temp_directory_path() / ("rule_load_test." + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    write("rules.yaml",
          "version: 1\nslots: { hero: { select: h1 } }\nrules:\n"
          "  - { id: a, slot: hero, when: 'request.path == \"/\"', do: { inner: a } }\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::vector<std::string> paths() const { return {(folder_ / "*.yaml").string(), (folder_ / "*.lua").string()}; }
  std::shared_ptr<const Engine> load(RuleLoad& rules, const plugins::Settings& settings) {
    diagnostics_.clear();
    return Engine::load(rules, settings, diagnostics_);
  }
  /// A Lua plugin with an attribute of that name.
  plugins::Settings with_plugin(const std::string& attribute, const std::string& type = "bool") {
    fs::create_directories(folder_ / "plugins");
    const fs::path file = folder_ / "plugins" / (attribute + type + ".lua");
    std::ofstream(file) << "return { name = \"hours\", attributes = { " << attribute << " = \"" << type
                        << "\" }, resolve = function() return {} end }\n";
    plugins::Settings settings;
    settings.plugins.push_back({plugins::PluginFile::open(file.string()), {}});
    return settings;
  }

  fs::path folder_;
  rules::Diagnostics diagnostics_;
};

TEST_F(RuleLoadTest, EnginesWhosePluginsHaveTheSameAttributesShareOneRuleSet) {
  RuleLoad rules{RuleFiles(paths())};
  plugins::Settings settings;
  const auto first = load(rules, settings);
  ASSERT_TRUE(first);
  std::vector<plugins::Settings> others(7);
  others[1].profile_prefix = "other:";
  others[2].default_time_zone = "Europe/Dublin";
  others[3].cookies = {"theme"};
  others[4].languages = {"en", "de"};
  others[5].consent.required = true;
  others[6].device_regexes = "/usr/share/uap-core/regexes.yaml";
  for (const plugins::Settings& other : others) {
    const auto engine = load(rules, other);
    ASSERT_TRUE(engine);
    EXPECT_NE(engine, first);
    EXPECT_EQ(engine->shared_rules(), first->shared_rules());
  }
  EXPECT_EQ(rules.compilations(), 1u);
  EXPECT_THAT(rules.seen(), SizeIs(1)) << "each file is read once";
}

TEST_F(RuleLoadTest, AnotherSchemaIsAnotherRuleSet) {
  RuleLoad rules{RuleFiles(paths())};
  const auto plain = load(rules, {});
  const auto open = load(rules, with_plugin("open"));
  const auto open_again = load(rules, with_plugin("open"));
  const auto another_name = load(rules, with_plugin("shut"));
  const auto another_type = load(rules, with_plugin("open", "int"));
  for (const auto& engine : {plain, open, open_again, another_name, another_type}) ASSERT_TRUE(engine);
  EXPECT_EQ(open->shared_rules(), open_again->shared_rules());
  EXPECT_NE(open->shared_rules(), plain->shared_rules());
  EXPECT_NE(open->shared_rules(), another_name->shared_rules());
  EXPECT_NE(open->shared_rules(), another_type->shared_rules());
  EXPECT_EQ(rules.compilations(), 4u);
}

TEST_F(RuleLoadTest, MistakesAreToldToEveryoneAndFoundOnce) {
  write("rules.yaml",
        "version: 1\nslots: { hero: { select: h1 } }\nrules:\n"
        "  - { id: a, slot: hero, when: hours.open, do: { inner: a } }\n");
  RuleLoad rules{RuleFiles(paths())};
  plugins::Settings other;
  other.cookies = {"theme"};
  for (const plugins::Settings& settings : {plugins::Settings(), other}) {
    EXPECT_FALSE(load(rules, settings));
    ASSERT_THAT(diagnostics_, SizeIs(1));
    EXPECT_THAT(rules::to_string(diagnostics_[0]), HasSubstr("rules.yaml:4:32: "));
  }
  EXPECT_EQ(rules.compilations(), 1u);
  EXPECT_TRUE(load(rules, with_plugin("open"))) << "whose plugins know the attribute";
}

TEST_F(RuleLoadTest, IncludedFilesAreReadOnceAndFilesThatCannotBeReadAreAskedForOnce) {
  write("rules.yaml", "version: 1\ninclude: [more.inc, absent.inc]\n");
  write("more.inc", "version: 1\nslots: { hero: { select: h1 } }\n");
  RuleLoad rules{RuleFiles(paths())};
  EXPECT_FALSE(load(rules, {}));
  EXPECT_FALSE(load(rules, with_plugin("open")));
  EXPECT_THAT(diagnostics_, SizeIs(1));
  EXPECT_THAT(rules.seen(), SizeIs(3));
  EXPECT_THAT(rules.texts().files, SizeIs(2));
  EXPECT_EQ(rules.texts().named, 1u);
}

TEST_F(RuleLoadTest, PluginsAmongTheRulesAreEachEnginesOwnAndTheRuleSetIsShared) {
  write("shop.lua",
        "return { name = \"shop\", attributes = { open = \"bool\" },\n"
        "  resolve = function() return { open = true } end }\n");
  write("rules.yaml",
        "version: 1\nslots: { hero: { select: h1 } }\nrules:\n"
        "  - { id: a, slot: hero, when: shop.open, do: { inner: a } }\n");
  RuleLoad rules{RuleFiles(paths())};
  plugins::Settings other;
  other.cookies = {"theme"};
  const auto one = load(rules, {}), two = load(rules, other);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->shared_rules(), two->shared_rules());
  for (const auto& engine : {one, two}) {
    plugins::Request request;
    request.path = "/";
    Evaluation evaluation(engine, request);
    evaluation.resolve();
    evaluation.decide();
    EXPECT_THAT(evaluation.decisions(), SizeIs(1));
  }
}

TEST_F(RuleLoadTest, WhatWasKeptLoadsLikeTheFiles) {
  write("rules.yaml", "version: 1\ninclude: more.inc\n");
  write("more.inc", "version: 1\nslots: { hero: { select: h1 } }\nrules: [{ id: a, slot: hero, do: { inner: a } }]\n");
  RuleLoad rules{RuleFiles(paths())};
  const auto engine = load(rules, {});
  ASSERT_TRUE(engine);
  fs::remove_all(folder_);
  RuleLoad kept(rules.texts());
  const auto again = load(kept, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->rules().version(), engine->rules().version());
  EXPECT_EQ(again->rules().rule_count(), 1u);
}

TEST_F(RuleLoadTest, VisitsOfOneEngineMayHaveKeysWithSeveralPrefixes) {
  write("rules.yaml",
        "version: 1\nattributes: { profile: { tier: string } }\nslots: { hero: { select: h1 } }\nrules:\n"
        "  - { id: a, slot: hero, when: profile.tier == 'gold', do: { inner: a } }\n");
  RuleLoad rules{RuleFiles(paths())};
  const auto engine = load(rules, {});
  ASSERT_TRUE(engine);
  plugins::Request request;
  request.path = "/";
  request.visitor = "v1";
  Evaluation one(engine, request, "one:"), two(engine, request, "two:"), usual(engine, request);
  EXPECT_THAT(one.resolve()[0].command, ElementsAre("HMGET", "one:{v1}:profile", "tier"));
  EXPECT_THAT(two.resolve()[0].command, ElementsAre("HMGET", "two:{v1}:profile", "tier"));
  EXPECT_THAT(usual.resolve()[0].command, ElementsAre("HMGET", "personalize:{v1}:profile", "tier"));
}

}  // namespace
}  // namespace personalize::engine
