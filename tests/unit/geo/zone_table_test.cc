#include "geo/zone_table.h"

#include <gtest/gtest.h>

namespace personalize::geo {
namespace {

const ZoneTable table(
    "# comment\n"
    "GB\t+513030-0000731\tEurope/London\n"
    "US\t+404251-0740023\tAmerica/New_York\tEastern (most areas)\n"
    "US\t+340308-1181434\tAmerica/Los_Angeles\tPacific\n"
    "AU\t-3749+14458\tAustralia/Melbourne\n"
    "AU\t-3157+11551\tAustralia/Perth\n"
    "broken\n"
    "XX\tnowhere\tEtc/None\n");

TEST(ZoneTable, KnowsTheZoneOfACountryWithOne) {
  EXPECT_EQ(table.zone_of("GB", {}), "Europe/London");
  EXPECT_EQ(table.zone_of("GB", Point{57, -4}), "Europe/London");
}

TEST(ZoneTable, TakesTheNearestZoneOfACountryWithSeveral) {
  EXPECT_EQ(table.zone_of("US", Point{37.77, -122.42}), "America/Los_Angeles");
  EXPECT_EQ(table.zone_of("US", Point{42.36, -71.06}), "America/New_York");
  EXPECT_EQ(table.zone_of("AU", Point{-33.87, 151.2}), "Australia/Melbourne");
  EXPECT_EQ(table.zone_of("US", {}), "") << "without coordinates it does not guess";
}

TEST(ZoneTable, KnowsNothingOfOtherCountries) {
  EXPECT_EQ(table.zone_of("XX", {}), "");
  EXPECT_EQ(table.zone_of("", {}), "");
  EXPECT_EQ(table.countries(), 3u);
  EXPECT_EQ(ZoneTable::read("/nonexistent").countries(), 0u);
}

TEST(ZoneTable, ReadsTzdata) {
  const ZoneTable tzdata = ZoneTable::read(ZoneTable::default_file);
  if (tzdata.countries() == 0) GTEST_SKIP() << "tzdata is not installed";
  EXPECT_GT(tzdata.countries(), 200u);
  EXPECT_EQ(tzdata.zone_of("NO", {}), "Europe/Oslo");
  EXPECT_EQ(tzdata.zone_of("BR", Point{-23.55, -46.63}), "America/Sao_Paulo");
  EXPECT_EQ(tzdata.zone_of("RU", Point{55.03, 82.92}), "Asia/Novosibirsk");
}

}  // namespace
}  // namespace personalize::geo
