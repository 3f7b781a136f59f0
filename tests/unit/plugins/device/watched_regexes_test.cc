#include "plugins/device/watched_regexes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "plugins/device/warmup_user_agents.h"
#include "tests/unit/geo/mmdb_builder.h"

namespace personalize::plugins {
namespace {

using testing::HasSubstr;

/// Regexes that know the given browser, and all of the usual ones by one name.
std::string regexes_with(const std::string& browser, const std::string& device = "'Spider'") {
  return "user_agent_parsers:\n  - regex: '(" + browser + ")/(\\d+)'\n  - regex: '(Mozilla)'\n" +
         "os_parsers:\n  - regex: '(Windows|Mac OS X|Linux|Android|CrOS|Googlebot|compatible)'\n" +
         "device_parsers:\n  - regex: '[Bb]ot'\n    device_replacement: " + device + "\n";
}

class RegexesFile : public testing::Test {
 protected:
  std::string write(const std::string& text) { return folder_.write("regexes.yaml", text); }
  static WatchedRegexes::Outcome wait_for_outcome(WatchedRegexes& watched) {
    for (;;) {
      const auto outcome = watched.poll();
      if (outcome != WatchedRegexes::Outcome::idle) return outcome;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  geo::TemporaryFolder folder_;
};

TEST_F(RegexesFile, ThatChangesIsTakenInOnceItIsGood) {
  WatchedRegexes watched(write(regexes_with("Fox")));
  EXPECT_EQ(watched.poll(), WatchedRegexes::Outcome::idle);
  EXPECT_EQ(watched.current()->parse("Lynxium/7").browser.family, "Other");

  const auto before = watched.current();
  write("no regexes at all");
  EXPECT_EQ(wait_for_outcome(watched), WatchedRegexes::Outcome::refused);
  EXPECT_THAT(watched.refusal(), HasSubstr("regexes.yaml"));
  EXPECT_EQ(watched.current(), before);

  write(regexes_with("Lynxium"));
  EXPECT_EQ(wait_for_outcome(watched), WatchedRegexes::Outcome::replaced);
  EXPECT_EQ(watched.current()->parse("Lynxium/7").browser.major, "7");
  EXPECT_GT(watched.modified_s(), 1'700'000'000);
}

TEST_F(RegexesFile, ThatIsRemovedChangesNothing) {
  const std::string path = write(regexes_with("Fox"));
  WatchedRegexes watched(path);
  std::filesystem::remove(path);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(watched.poll(), WatchedRegexes::Outcome::idle);
  EXPECT_EQ(watched.current()->parse("Fox/7").browser.family, "Fox");
}

TEST_F(RegexesFile, MayChangeWhileItIsReadAndTheOwnerMayGoThen) {
  WatchedRegexes watched(write(regexes_with("Fox")));
  write(regexes_with("Lynxium"));
  watched.poll();
  watched.poll();
  write(regexes_with("Later"));
}

TEST(Regression, IsLessKnowledgeOfUsualBrowsersOrOtherRobots) {
  const UserAgentParser all(regexes_with("Fox"));
  EXPECT_EQ(regression(UserAgentParser(regexes_with("Other")), all), "");
  EXPECT_EQ(regression(all, UserAgentParser("user_agent_parsers: []\nos_parsers: []\ndevice_parsers: "
                                            "[{regex: '[Bb]ot', device_replacement: Spider}]")),
            "");
  EXPECT_THAT(regression(UserAgentParser("user_agent_parsers: []\nos_parsers: []\ndevice_parsers: []"), all),
              HasSubstr("does not know the browser of \"Mozilla/5.0"));
  EXPECT_THAT(regression(UserAgentParser(regexes_with("Fox", "'Robot'")), all), HasSubstr("does not take \"Mozilla"));
}

TEST(UserAgentParser, HasALimitOnRegexes) {
  std::string text = "user_agent_parsers: []\nos_parsers: []\ndevice_parsers:\n";
  for (int i = 0; i < 20'001; ++i) text += " - {regex: a}\n";
  try {
    const UserAgentParser parser(text);
    FAIL() << "it was taken";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "has more than 20000 regexes");
  }
}

}  // namespace
}  // namespace personalize::plugins
