#include <gtest/gtest.h>

#include "plugins/geo/plugin.h"
#include "plugins/profile/timestamp.h"
#include "plugins/time/plugin.h"
#include "tests/unit/geo/mmdb_builder.h"
#include "tests/unit/plugins/resolved.h"

namespace personalize::plugins {
namespace {

Request at(std::string_view moment, std::string_view address = "") {
  return {.address = address, .now_us = parse_timestamp(moment)->seconds * 1'000'000 + 250'000};
}

Resolved in_zone(const std::string& zone) {
  Settings settings;
  settings.default_time_zone = zone;
  return Resolved::of<TimePlugin>(settings);
}

TEST(Time, IsThatOfTheDefaultZone) {
  auto time = in_zone("Asia/Kolkata");
  time.resolve(at("2026-11-22T20:45:00Z"));
  EXPECT_EQ(time.text("time.zone"), "Asia/Kolkata");
  EXPECT_EQ(time["time.utc_offset_minutes"].as_int64(), 330);
  EXPECT_EQ(time["time.hour"].as_int64(), 2);
  EXPECT_EQ(time["time.minute"].as_int64(), 15);
  EXPECT_EQ(time["time.minute_of_day"].as_int64(), 135);
  EXPECT_EQ(time.text("time.date"), "2026-11-23");
  EXPECT_EQ(time.text("time.weekday"), "monday");
  EXPECT_EQ(time["time.weekday_number"].as_int64(), 1);
  EXPECT_FALSE(time["time.is_weekend"].as_bool());
  EXPECT_EQ(time["time.week"].as_int64(), 48);
  EXPECT_EQ(time["time.day_of_year"].as_int64(), 327);
  EXPECT_EQ(time.text("time.daypart"), "night");
  EXPECT_EQ(time["time.now"].seconds(), 1795380300);
  EXPECT_EQ(time["time.now"].nanos(), 250'000'000);
}

TEST(Time, NamesTheHolidaysOfTheVisitorsDay) {
  RuleSettings lists;
  lists.holidays = {{"ireland", {"03-17", "2026-11-23"}}, {"sale", {"11-20..11-30"}}, {"empty", {}}};
  Settings settings;
  settings.default_time_zone = "Asia/Tokyo";
  auto time = Resolved::of<TimePlugin>(settings, {}, lists);
  time.resolve(at("2026-11-22T15:00:00Z"));  // it is Monday, the 23rd, there
  EXPECT_EQ(time.text("time.holiday"), "ireland");
  EXPECT_EQ(time["time.holidays"].as_list().size(), 2u);
  time.resolve(at("2026-11-22T14:59:59Z"));
  EXPECT_EQ(time.text("time.holiday"), "sale");
  time.resolve(at("2026-12-24T12:00:00Z"));
  EXPECT_EQ(time.text("time.holiday"), "");
  EXPECT_TRUE(time["time.holidays"].as_list().empty());
}

TEST(Time, FollowsSummerTimeBothWays) {
  auto time = in_zone("Europe/London");
  EXPECT_EQ(time.resolve(at("2026-03-29T00:59:59Z"))["time.hour"].as_int64(), 0);
  EXPECT_EQ(time.resolve(at("2026-03-29T01:00:00Z"))["time.hour"].as_int64(), 2);
  EXPECT_EQ(time.resolve(at("2026-10-25T00:59:59Z"))["time.hour"].as_int64(), 1);
  EXPECT_EQ(time.resolve(at("2026-10-25T01:00:00Z"))["time.hour"].as_int64(), 1);
  EXPECT_EQ(time.resolve(at("2026-03-29T00:59:59Z"))["time.hour"].as_int64(), 0) << "going back in time";
}

TEST(Time, HasIsoWeeksAroundNewYear) {
  auto time = in_zone("UTC");
  EXPECT_EQ(time.resolve(at("2027-01-01T12:00:00Z"))["time.week"].as_int64(), 53);
  EXPECT_EQ(time.resolve(at("2024-12-30T12:00:00Z"))["time.week"].as_int64(), 1);
  EXPECT_EQ(time.resolve(at("2024-12-31T12:00:00Z"))["time.day_of_year"].as_int64(), 366);
}

TEST(Time, DividesTheDay) {
  auto time = in_zone("UTC");
  const auto part = [&](const char* moment) { return time.resolve(at(moment)).text("time.daypart"); };
  EXPECT_EQ(part("2026-11-22T05:59:59Z"), "night");
  EXPECT_EQ(part("2026-11-22T06:00:00Z"), "morning");
  EXPECT_EQ(part("2026-11-22T12:00:00Z"), "afternoon");
  EXPECT_EQ(part("2026-11-22T18:00:00Z"), "evening");
  EXPECT_EQ(part("2026-11-22T22:00:00Z"), "night");
  EXPECT_TRUE(time["time.is_weekend"].as_bool());
}

TEST(Time, IsTheVisitorsWhereTheirPlaceIsKnown) {
  geo::TemporaryFolder folder;
  Settings settings;
  settings.geo_databases = {folder.write(
      "city.mmdb",
      geo::MmdbBuilder("GeoIP2-City")
          .add("192.0.2.0/24",
               {{"location", {{"latitude", -37.8}, {"longitude", 144.9}, {"time_zone", "Australia/Melbourne"}}}})
          .add("198.51.100.0/24",
               {{"location", {{"latitude", 51.5}, {"longitude", 0.1}, {"time_zone", "No/Such_Zone"}}}})
          .build())};
  std::vector<std::unique_ptr<BuiltInPlugin>> plugins;
  plugins.push_back(std::make_unique<GeoPlugin>());
  plugins.push_back(std::make_unique<TimePlugin>());
  Resolved time(std::move(plugins), settings);

  time.resolve(at("2026-01-15T20:00:00Z", "192.0.2.1"));
  EXPECT_EQ(time.text("time.zone"), "Australia/Melbourne");
  EXPECT_EQ(time["time.hour"].as_int64(), 7);
  EXPECT_EQ(time.text("time.date"), "2026-01-16");
  EXPECT_EQ(time.text("time.season"), "summer");
  time.resolve(at("2026-01-15T20:00:00Z", "198.51.100.1"));
  EXPECT_EQ(time.text("time.zone"), "UTC");
  EXPECT_EQ(time.text("time.season"), "winter");
}

TEST(Time, RefusesAZoneThatDoesNotExist) {
  try {
    in_zone("Europe/Lundon");
    FAIL();
  } catch (const ConfigurationError& error) {
    EXPECT_STREQ(error.what(), "\"Europe/Lundon\" is not a time zone; write it like Europe/London");
  }
}

TEST(Time, SurvivesAnyMoment) {
  auto time = in_zone("America/New_York");
  for (std::int64_t now : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{253402300799} * 1'000'000})
    EXPECT_FALSE(time.resolve({.now_us = now})["time.date"].missing());
}

}  // namespace
}  // namespace personalize::plugins
