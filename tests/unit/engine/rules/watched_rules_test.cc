#include "engine/rules/watched_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <span>
#include <thread>

#include "plugins/plugin_file.h"

namespace personalize::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = WatchedRules::Outcome;

std::string rule(const std::string& id) {
  return "version: 1\nslots: { slot-" + id + ": { select: \"#" + id + "\" } }\nrules: [ { id: " + id + ", slot: slot-" +
         id + ", do: { inner: " + id + " } } ]\n";
}

using Clock = std::chrono::steady_clock;
constexpr std::chrono::minutes patience{2};  // on a machine of any speed

class WatchedRulesTest : public ::testing::Test {
 protected:
  WatchedRulesTest() {
    folder_ = fs::temp_directory_path() / ("watched_rules_test." + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    std::ofstream(path) << text;
    return path.string();
  }
  WatchedRules watch(const std::string& pattern = "*.yaml", const plugins::Settings& settings = {}) {
    const std::vector<std::string> paths = {(folder_ / pattern).string()};
    // Files this new count as unknown: the first polls would read them again.
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    rules::Diagnostics diagnostics;
    FileSnapshots seen;
    auto engine = Engine::load(expand(paths), settings, diagnostics, &seen);
    EXPECT_TRUE(engine) << (diagnostics.empty() ? "" : rules::to_string(diagnostics[0]));
    return {paths, {engine}, seen};
  }
  /// Until something other than waiting happens, but not forever.
  static Outcome settle(WatchedRules& watched) {
    const auto end = Clock::now() + patience;
    while (Clock::now() < end) {
      const Outcome outcome = watched.poll();
      if (outcome != Outcome::idle && outcome != Outcome::busy) return outcome;
      std::this_thread::sleep_for(std::chrono::milliseconds(outcome == Outcome::busy ? 2 : 0));
    }
    return Outcome::idle;
  }
  static void poll_until_living(WatchedRules& watched, std::size_t sets) {
    const auto end = Clock::now() + patience;
    while (watched.living() > sets && Clock::now() < end) {
      watched.poll();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  static std::vector<std::string> ids(const Engine& engine) {
    std::vector<std::string> names;
    for (rules::RuleId id = 0; id < engine.rules().rule_count(); ++id) names.emplace_back(engine.rules().rule_name(id));
    return names;
  }
  static std::vector<std::string> ids(const WatchedRules& watched) { return ids(*watched.current()); }

  fs::path folder_;
};

TEST_F(WatchedRulesTest, IsIdleWhileTheFilesAreTheSame) {
  write("a.yaml", rule("a"));
  WatchedRules watched = watch();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(watched.poll(), Outcome::idle);
}

TEST_F(WatchedRulesTest, TakesInAFileThatWasOverwrittenOrRenamedIntoPlace) {
  write("a.yaml", rule("a"));
  WatchedRules watched = watch();
  const std::string before(watched.current()->rules().version());
  write("a.yaml", rule("b"));
  EXPECT_EQ(settle(watched), Outcome::replaced);
  EXPECT_THAT(ids(watched), ElementsAre("b"));
  EXPECT_NE(watched.current()->rules().version(), before);
  fs::rename(write("a.new", rule("c")), folder_ / "a.yaml");
  EXPECT_EQ(settle(watched), Outcome::replaced);
  EXPECT_THAT(ids(watched), ElementsAre("c"));
}

TEST_F(WatchedRulesTest, TakesInFilesThatMatchThePatternOnlyNowAndLetsGoOfThoseThatAreGone) {
  write("a.yaml", rule("a"));
  WatchedRules watched = watch();
  write("b.yaml", rule("b"));
  EXPECT_EQ(settle(watched), Outcome::replaced);
  EXPECT_THAT(ids(watched), ElementsAre("a", "b"));
  fs::remove(folder_ / "a.yaml");
  EXPECT_EQ(settle(watched), Outcome::replaced);
  EXPECT_THAT(ids(watched), ElementsAre("b"));
}

TEST_F(WatchedRulesTest, WaitsUntilAllFilesLookTheSameTwice) {
  write("a.yaml", rule("a"));
  write("b.yaml", rule("b"));
  WatchedRules watched = watch();
  write("a.yaml", rule("a1"));
  EXPECT_EQ(watched.poll(), Outcome::idle);
  write("b.yaml", rule("b"));  // the same text, but still being written
  fs::resize_file(folder_ / "b.yaml", 20);
  EXPECT_EQ(watched.poll(), Outcome::idle);
  write("b.yaml", rule("b1"));
  EXPECT_EQ(settle(watched), Outcome::replaced);
  EXPECT_THAT(ids(watched), ElementsAre("a1", "b1"));
}

TEST_F(WatchedRulesTest, KeepsTheOldOnesAndSaysOnceWhatIsWrongWithTheNewOnes) {
  write("a.yaml", rule("a"));
  WatchedRules watched = watch();
  const auto before = watched.current();
  write("a.yaml", "version: 1\nruls: []\n");
  ASSERT_EQ(settle(watched), Outcome::refused);
  EXPECT_THAT(rules::to_string(watched.diagnostics().at(0)), HasSubstr("a.yaml:2:1: "));
  EXPECT_EQ(watched.current(), before);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(watched.poll(), Outcome::idle);
}

TEST_F(WatchedRulesTest, KeepsTheOldOnesWhenAllFilesAreGone) {
  for (const char* pattern : {"*.yaml", "a.yaml"}) {
    write("a.yaml", rule("a"));
    WatchedRules watched = watch(pattern);
    fs::remove(folder_ / "a.yaml");
    ASSERT_EQ(settle(watched), Outcome::refused);
    EXPECT_THAT(rules::to_string(watched.diagnostics().at(0)), HasSubstr(pattern));
    EXPECT_THAT(ids(watched), ElementsAre("a"));
    write("a.yaml", rule("b"));
    EXPECT_EQ(settle(watched), Outcome::replaced);
  }
}

TEST_F(WatchedRulesTest, DoesNotReplaceRulesByThemselves) {
  write("a.yaml", rule("a"));
  WatchedRules watched = watch();
  const auto before = watched.current();
  write("a.yaml", "nonsense");
  ASSERT_EQ(settle(watched), Outcome::refused);
  write("a.yaml", rule("a"));
  EXPECT_EQ(settle(watched), Outcome::unchanged);
  EXPECT_EQ(watched.current(), before);
  EXPECT_TRUE(watched.diagnostics().empty());
}

TEST_F(WatchedRulesTest, WatchesIncludedFilesAlsoThoseOfARefusedSet) {
  write("a.yaml", "include: b.inc\n" + rule("a"));
  write("b.inc", rule("b"));
  WatchedRules watched = watch();
  write("b.inc", rule("b1"));
  EXPECT_EQ(settle(watched), Outcome::replaced);
  EXPECT_THAT(ids(watched), ElementsAre("a", "b1"));

  write("a.yaml", "include: [b.inc, c.inc]\n" + rule("a"));
  EXPECT_EQ(settle(watched), Outcome::refused);  // there is no c.inc …
  write("c.inc", rule("c"));
  EXPECT_EQ(settle(watched), Outcome::replaced);  // … until now
  EXPECT_THAT(ids(watched), ElementsAre("a", "b1", "c"));
}

TEST_F(WatchedRulesTest, SeesAChangeInTheSameMomentInWhichItsRulesWereFirstRead) {
  write("a.yaml", rule("a"));
  const std::vector<std::string> paths = {(folder_ / "a.yaml").string()};
  rules::Diagnostics diagnostics;
  FileSnapshots seen;
  auto engine = Engine::load(paths, {}, diagnostics, &seen);
  write("a.yaml", rule("b"));  // of the same size, perhaps within the same tick of the clock
  WatchedRules watched(paths, {engine}, seen);
  EXPECT_EQ(settle(watched), Outcome::replaced);
  EXPECT_THAT(ids(watched), ElementsAre("b"));
}

TEST_F(WatchedRulesTest, SeesThatAFileIsGoneThatWasReadAsItWasWritten) {
  write("a.yaml", rule("a"));
  const std::vector<std::string> paths = {(folder_ / "*.yaml").string()};
  rules::Diagnostics diagnostics;
  FileSnapshots seen;
  auto engine = Engine::load(expand(paths), {}, diagnostics, &seen);
  fs::remove(folder_ / "a.yaml");
  WatchedRules watched(paths, {engine}, seen);
  EXPECT_EQ(settle(watched), Outcome::refused);
}

TEST_F(WatchedRulesTest, LeavesOldRulesToThoseWhoStillUseThemAndForgetsThemThen) {
  write("a.yaml", rule("a"));
  WatchedRules watched = watch();
  auto page = watched.current();
  write("a.yaml", rule("b"));
  ASSERT_EQ(settle(watched), Outcome::replaced);
  poll_until_living(watched, 2);  // one that was loaded while the file was being written may have to go first
  for (int i = 0; i < 5; ++i) watched.poll();
  EXPECT_THAT(ids(*page), ElementsAre("a"));
  EXPECT_EQ(watched.living(), 2u);
  page.reset();
  poll_until_living(watched, 1);
  EXPECT_EQ(watched.living(), 1u);
}

TEST_F(WatchedRulesTest, TakesOverPluginsWhoseOwnFilesAreGoneMeanwhile) {
  fs::copy_file("/usr/share/uap-core/regexes.yaml", folder_ / "regexes");
  write("a.yaml",
        "version: 1\nslots: { hero: { select: h1 } }\nrules:\n"
        "  - { id: a, slot: hero, when: device.is_bot, do: { inner: a } }\n");
  plugins::Settings settings;
  settings.device_regexes = (folder_ / "regexes").string();
  WatchedRules watched = watch("*.yaml", settings);
  fs::remove(folder_ / "regexes");
  write("a.yaml",
        "version: 1\nslots: { hero: { select: h1 } }\nrules:\n"
        "  - { id: b, slot: hero, when: device.is_mobile, do: { inner: b } }\n");
  EXPECT_EQ(settle(watched), Outcome::replaced);
}

class EnginesOfTheSameFiles : public WatchedRulesTest {
 protected:
  /// Twenty, of which `all_but_first` have these settings.
  WatchedRules watch_all(const plugins::Settings& all_but_first) {
    const std::vector<std::string> paths = {(folder_ / "*.yaml").string()};
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    RuleLoad load{RuleFiles(paths)};
    rules::Diagnostics diagnostics;
    std::vector<std::shared_ptr<const Engine>> engines;
    for (int i = 0; i < 20; ++i) {
      engines.push_back(Engine::load(load, i == 0 ? plugins::Settings() : all_but_first, diagnostics));
      EXPECT_TRUE(engines.back());
    }
    return {paths, std::move(engines), load.seen(), [this](const RuleTexts&, std::span<const std::size_t> takers) {
              takers_.emplace_back(takers.begin(), takers.end());
            }};
  }

  /// A file this new counts as unknown: it would be loaded several times.
  void change(const std::string& text) {
    write("a.new", text);
    fs::rename(folder_ / "a.new", folder_ / "a.yaml");
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
  }

  std::vector<std::vector<std::size_t>> takers_;
};

TEST_F(EnginesOfTheSameFiles, TakeInAChangeTogetherWithOneCompilation) {
  write("a.yaml", rule("a"));
  plugins::Settings other;
  other.cookies = {"theme"};
  WatchedRules watched = watch_all(other);
  EXPECT_EQ(watched.living(), 1u);
  change(rule("b"));
  ASSERT_EQ(settle(watched), Outcome::replaced);
  EXPECT_EQ(watched.take_compilations(), 1u);
  EXPECT_EQ(watched.take_compilations(), 0u);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(watched.outcome(i), Outcome::replaced);
    EXPECT_EQ(watched.current(i)->shared_rules(), watched.current(0)->shared_rules());
  }
  ASSERT_EQ(takers_.size(), 1u);
  EXPECT_EQ(takers_[0].size(), 20u);
  poll_until_living(watched, 1);
  EXPECT_EQ(watched.living(), 1u);
}

TEST_F(EnginesOfTheSameFiles, LeaveTheOldSetOnceTheLastPageOfAnyOfThemIsGone) {
  write("a.yaml", rule("a"));
  WatchedRules watched = watch_all({});
  auto page = watched.current(7), other_page = watched.current(13);
  change(rule("b"));
  ASSERT_EQ(settle(watched), Outcome::replaced);
  page.reset();
  for (int i = 0; i < 20; ++i) {
    watched.poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(watched.living(), 2u);
  EXPECT_THAT(ids(*other_page), ElementsAre("a"));
  other_page.reset();
  poll_until_living(watched, 1);
  EXPECT_EQ(watched.living(), 1u);
}

TEST_F(EnginesOfTheSameFiles, DifferWhereOnlySomeCanUseTheFiles) {
  fs::create_directories(folder_ / "plugins");
  std::ofstream(folder_ / "plugins/hours.lua") << "return { name = \"hours\", attributes = { open = \"bool\" },\n"
                                                  "  resolve = function() return { open = true } end }\n";
  plugins::Settings with_plugin;
  with_plugin.plugins.push_back({plugins::PluginFile::open((folder_ / "plugins/hours.lua").string()), {}});
  write("a.yaml", rule("a"));
  WatchedRules watched = watch_all(with_plugin);
  EXPECT_EQ(watched.living(), 2u);
  change(
      "version: 1\nslots: { hero: { select: h1 } }\nrules: [{ id: b, slot: hero, when: hours.open, do: { inner: b } "
      "}]\n");
  EXPECT_EQ(settle(watched), Outcome::refused);
  EXPECT_EQ(watched.take_compilations(), 2u);
  EXPECT_EQ(watched.outcome(0), Outcome::refused);
  EXPECT_THAT(rules::to_string(watched.diagnostics(0).at(0)), HasSubstr("a.yaml:3:"));
  EXPECT_THAT(ids(*watched.current(0)), ElementsAre("a"));
  for (std::size_t i = 1; i < 20; ++i) {
    EXPECT_EQ(watched.outcome(i), Outcome::replaced);
    EXPECT_THAT(ids(*watched.current(i)), ElementsAre("b"));
  }
  EXPECT_EQ(takers_.at(0).size(), 19u);
  change(rule("a"));
  EXPECT_EQ(settle(watched), Outcome::replaced);
  EXPECT_EQ(watched.outcome(0), Outcome::unchanged);
  EXPECT_THAT(ids(*watched.current(1)), ElementsAre("a"));
}

TEST_F(WatchedRulesTest, CanGoWhileRulesAreBeingLoaded) {
  write("a.yaml", rule("a"));
  WatchedRules watched = watch();
  write("a.yaml", rule("b"));
  for (int i = 0; i < 100 && watched.poll() != Outcome::busy; ++i) {
  }
}

}  // namespace
}  // namespace personalize::engine
