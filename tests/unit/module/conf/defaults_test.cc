#include "module/conf/defaults.h"

#include <gtest/gtest.h>

#include "plugins/settings_option.h"

namespace personalize::module {
namespace {

static_assert(default_ms("personalize_deadline") == 20);
static_assert(default_ms("personalize_weather", "stale") == 3'600'000);
static_assert(default_text("personalize_redis", "connections") == "2");

TEST(Defaults, AreThoseOfTheToolToo) {
  const plugins::HostSettings settings = plugins::default_settings();
  EXPECT_EQ(settings.default_time_zone, default_text("personalize_time_zone"));
  EXPECT_EQ(settings.profile_prefix, default_text("personalize_redis", "prefix"));
  EXPECT_EQ(settings.consent.required, default_text("personalize_consent") == "required");
}

TEST(Defaults, AreWhatTheUsageOfSettingsSays) {
  for (const plugins::SettingsOption& option : plugins::settings_options()) {
    const std::size_t said = option.meaning.find("default: ");
    if (said == option.meaning.npos) continue;
    const std::string directive = "personalize_" + std::string(option.name);
    std::string_view text;
    for (const Default& row : defaults)
      if (row.directive == directive && row.parameter.empty()) text = row.text;
    EXPECT_EQ(option.meaning.substr(said + 9), text) << directive;
  }
}

TEST(Defaults, StandOnceEach) {
  for (const Default& row : defaults) {
    int same = 0;
    for (const Default& other : defaults) same += other.directive == row.directive && other.parameter == row.parameter;
    EXPECT_EQ(same, 1) << row.directive << ' ' << row.parameter;
  }
}

}  // namespace
}  // namespace personalize::module
