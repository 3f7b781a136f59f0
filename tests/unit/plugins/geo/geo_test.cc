#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/geo/plugin.h"
#include "rules/cel/program.h"
#include "tests/unit/geo/mmdb_builder.h"
#include "tests/unit/plugins/resolved.h"

namespace personalize::plugins {
namespace {

using geo::MmdbBuilder;

TEST(Geo, CompletesOneDatabaseWithTheNext) {
  geo::TemporaryFolder folder;
  Settings settings;
  settings.geo_databases = {
      folder.write("country.mmdb",
                   MmdbBuilder("GeoIP2-Country").add("192.0.2.0/24", {{"country", {{"iso_code", "IE"}}}}).build()),
      folder.write("city.mmdb", MmdbBuilder("GeoIP2-City").add("192.0.2.0/25", geo::london_record()).build()),
      folder.write("asn.mmdb",
                   MmdbBuilder("GeoLite2-ASN").add("192.0.2.0/24", {{"autonomous_system_number", 64500}}).build())};
  auto geo = Resolved::of<GeoPlugin>(settings);
  geo.resolve({.address = "192.0.2.7"});
  EXPECT_EQ(geo.text("geo.country"), "IE") << "the first that knows";
  EXPECT_EQ(geo.text("geo.city"), "London");
  EXPECT_EQ(geo["geo.asn"].as_int64(), 64500);
  EXPECT_EQ(geo["geo.latitude"].as_real(), 51.5142);
  EXPECT_TRUE(geo["geo.is_eu"].as_bool());
  ASSERT_EQ(geo["geo.subdivisions"].as_list().size(), 2u);
  EXPECT_EQ(geo["geo.subdivisions"].as_list()[1].text(), "LND");
  EXPECT_EQ(geo.text("geo.network"), "192.0.2.0/24");
}

TEST(Geo, IsMissingForUnknownAndMalformedAddresses) {
  geo::TemporaryFolder folder;
  Settings settings;
  settings.geo_databases = {
      folder.write("city.mmdb", MmdbBuilder("GeoIP2-City").add("192.0.2.0/25", geo::london_record()).build())};
  auto geo = Resolved::of<GeoPlugin>(settings);
  for (std::string_view address : {"", "198.51.100.1", "unix:", "192.0.2.1, 192.0.2.2", "192.0.2.1:443", "\xff"}) {
    geo.resolve({.address = address});
    EXPECT_EQ(geo.text("geo.country"), "-") << address;
    EXPECT_EQ(geo.text("geo.network"), "-") << address;
  }
}

TEST(Geo, NamesTheFileThatItCannotUse) {
  geo::TemporaryFolder folder;
  Settings settings;
  settings.geo_databases = {folder.write("foreign.mmdb", "PK\x03\x04")};
  try {
    Resolved::of<GeoPlugin>(settings);
    FAIL();
  } catch (const ConfigurationError& error) {
    EXPECT_EQ(error.file, settings.geo_databases[0]);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("is not a MaxMind database"));
  }
}

TEST(Geo, DerivesATimeZoneThatNoDatabaseNames) {
  if (geo::ZoneTable::read(geo::ZoneTable::default_file).countries() == 0) GTEST_SKIP() << "tzdata is not installed";
  geo::TemporaryFolder folder;
  Settings settings;
  settings.geo_databases = {folder.write(
      "flat.mmdb", MmdbBuilder("flat")
                       .add("192.0.2.0/24", {{"country_code", "US"}, {"latitude", 37.77}, {"longitude", -122.42}})
                       .add("198.51.100.0/24", {{"country_code", "IE"}})
                       .add("203.0.113.0/24", {{"country_code", "US"}})
                       .build())};
  auto geo = Resolved::of<GeoPlugin>(settings);
  const auto zone = [&](std::string_view address) { return geo.resolve({.address = address}).text("geo.time_zone"); };
  EXPECT_EQ(zone("192.0.2.1"), "America/Los_Angeles");
  EXPECT_EQ(zone("198.51.100.1"), "Europe/Dublin");
  EXPECT_EQ(zone("203.0.113.1"), "-");
}

TEST(Geo, KnowsTheNearestStore) {
  geo::TemporaryFolder folder;
  Settings settings;
  settings.geo_databases = {
      folder.write("city.mmdb", MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", geo::london_record()).build())};
  RuleSettings stores;
  stores.stores = {{"par", "Paris", 48.86, 2.35}, {"oxf", "Oxford", 51.75, -1.26}};
  auto geo = Resolved::of<GeoPlugin>(settings, {}, stores);
  geo.resolve({.address = "192.0.2.1"});
  EXPECT_EQ(geo.text("geo.nearest_store.id"), "oxf");
  EXPECT_EQ(geo.text("geo.nearest_store.name"), "Oxford");
  EXPECT_NEAR(geo["geo.nearest_store.distance_km"].as_real(), 84.6, 1);
  geo.resolve({.address = "198.51.100.1"});
  EXPECT_EQ(geo.text("geo.nearest_store.id"), "-");
}

/// What a condition says about the visitor at this address, who may be in London.
std::string distance_condition(const std::string& condition, const char* address) {
  geo::TemporaryFolder folder;
  Settings settings;
  settings.geo_databases = {
      folder.write("city.mmdb", MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", geo::london_record()).build())};
  auto geo = Resolved::of<GeoPlugin>(settings);
  geo.resolve({.address = address});
  rules::cel::Environment environment(geo.schema());
  std::vector<rules::cel::Error> errors;
  const auto program = rules::cel::Program::compile(condition, environment, errors);
  if (!program) return std::to_string(errors.at(0).offset) + ": " + errors.at(0).message;
  std::pmr::monotonic_buffer_resource arena;
  return (program->evaluate(geo.context(), arena).is_true() ? "true: " : "false: ") +
         program->explain(geo.context(), arena);
}

TEST(Geo, TellsTheDistanceToAnyPoint) {
  EXPECT_THAT(distance_condition("geo.distance_km(48.86, 2.35) < 350", "192.0.2.1"),
              testing::StartsWith("true: geo.distance_km(48.86, 2.35) < 350 is true: geo.latitude = 51."));
  EXPECT_THAT(distance_condition("geo.distance_km(48, 2) < 350.5", "192.0.2.1"), testing::StartsWith("false"));
  EXPECT_EQ(distance_condition("geo.distance_km(48.86, 2.35) > 1.0", "198.51.100.1"),
            "false: geo.latitude is not known");
}

TEST(Geo, SaysWhereADistanceIsWrong) {
  EXPECT_EQ(distance_condition("1.0 < geo.distance_km(98.86, 2.35)", "192.0.2.1"),
            "22: a latitude must be degrees from -90 to 90");
  EXPECT_EQ(distance_condition("1.0 < geo.distance_km(8.86, -202.35)", "192.0.2.1"),
            "28: a longitude must be degrees from -180 to 180");
  EXPECT_EQ(distance_condition("1.0 < geo.distance_km(\"a\", 2.35)", "192.0.2.1"),
            "22: geo.distance_km(double, double) cannot be used on string");
  EXPECT_EQ(distance_condition("1.0 < geo.distance_km(1.0)", "192.0.2.1"),
            "10: wrong number of arguments, expected geo.distance_km(double, double)");
  EXPECT_EQ(distance_condition("1.0 < geo.distance(1.0, 2.0)", "192.0.2.1"),
            "10: unknown function distance, did you mean geo.distance_km?");
  EXPECT_THAT(distance_condition("geo.distance_km(geo.latitude + 100.0, 0.0) > 1.0", "192.0.2.1"),
              testing::HasSubstr("failed: is not a place: latitude is -90 to 90, longitude -180 to 180"));
}

TEST(Geo, FollowsAFileThatIsReplaced) {
  geo::TemporaryFolder folder;
  const auto country = [](const char* code) {
    return MmdbBuilder("GeoIP2-Country").add("192.0.2.0/24", {{"country", {{"iso_code", code}}}}).build();
  };
  Settings settings;
  settings.geo_databases = {folder.write("country.mmdb", country("IE"))};
  auto geo = Resolved::of<GeoPlugin>(settings);
  geo.resolve({.address = "192.0.2.7"});
  EXPECT_EQ(geo.text("geo.country"), "IE");
  EXPECT_TRUE(geo.maintain().notices.empty());

  folder.write("country.mmdb", country("GB"));
  MaintenanceReport report;
  for (int i = 0; i < 5 && report.notices.empty(); ++i) report = geo.maintain();
  EXPECT_THAT(report.notices, ::testing::ElementsAre(::testing::HasSubstr("was replaced")));
  geo.resolve({.address = "192.0.2.7"});
  EXPECT_EQ(geo.text("geo.country"), "GB");

  folder.write("country.mmdb", "nonsense");
  for (int i = 0; i < 5 && report.warnings.empty(); ++i) report = geo.maintain();
  EXPECT_THAT(report.warnings, ::testing::ElementsAre(::testing::HasSubstr("the old one stays in use")));
  geo.resolve({.address = "192.0.2.7"});
  EXPECT_EQ(geo.text("geo.country"), "GB");
}

TEST(Geo, HasAttributesWithoutADatabase) {
  auto geo = Resolved::of<GeoPlugin>();
  geo.resolve({.address = "192.0.2.7"});
  EXPECT_EQ(geo.text("geo.country"), "-");
}

}  // namespace
}  // namespace personalize::plugins
