#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "cli/probe/probes.h"
#include "plugins/device/user_agent_parser.h"
#include "tests/unit/folders.h"
#include "tests/unit/geo/mmdb_builder.h"

namespace personalize::cli {
namespace {

/// `got` has everything that `want` has; numbers by value.
bool agrees(const Json& want, const Json& got) {
  if (want.is_object()) {
    if (!got.is_object()) return false;
    for (const auto& [key, value] : want.items())
      if (!agrees(value, got.contains(key) ? got[key] : Json())) return false;
    return true;
  }
  if (want.is_array()) {
    if (!got.is_array() || got.size() != want.size()) return false;
    for (std::size_t i = 0; i < want.size(); ++i)
      if (!agrees(want[i], got[i])) return false;
    return true;
  }
  if (want.is_number() && got.is_number()) {
    const double w = want.get<double>(), g = got.get<double>();
    return std::abs(w - g) <= 1e-12 * std::abs(w);
  }
  return want == got;
}

struct Count {
  int rows = 0;
  int agreeing = 0;
};
Count count(const std::filesystem::path& file, Json (*probe)(const Json&)) {
  Count result;
  std::ifstream rows(file);
  for (std::string line; std::getline(rows, line); ++result.rows) {
    Json row = Json::parse(line);
    if (row["input"].contains("db"))
      row["input"]["db"] = (conformance_folder() / "geo" / row["input"]["db"].get<std::string>()).string();
    row["expect"].erase("network");  // MaxMind's list has host bits here and there
    if (agrees(row["expect"], probe(row["input"]))) ++result.agreeing;
  }
  return result;
}

TEST(ProbeGeo, ShowsTheRecordAndWhatRulesSee) {
  geo::TemporaryFolder folder;
  const std::string path =
      folder.write("city.mmdb", geo::MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", geo::london_record()).build());
  const Json found = probe_geo({{"db", path}, {"ip", "192.0.2.9"}});
  EXPECT_EQ(found["network"], "192.0.2.0/24");
  EXPECT_EQ(found["record"], geo::london_record());
  EXPECT_EQ(found["attributes"]["geo.city"], "London");
  EXPECT_EQ(found["attributes"]["geo.subdivisions"], Json::parse(R"(["ENG", "LND"])"));
  EXPECT_TRUE(probe_geo({{"db", path}, {"ip", "198.51.100.1"}})["record"].is_null());
  EXPECT_ANY_THROW(probe_geo({{"db", path}, {"ip", "nowhere"}}));
  EXPECT_ANY_THROW(probe_geo({{"db", folder.path("none")}, {"ip", "192.0.2.9"}}));
}

TEST(ProbeDevice, HasNullForWhatIsNotKnown) {
  if (!std::filesystem::exists(plugins::UserAgentParser::default_file)) GTEST_SKIP() << "uap-core is not installed";
  const Json device = probe_device({{"ua", "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"}});
  EXPECT_EQ(device["ua"]["family"], "Firefox");
  EXPECT_EQ(device["ua"]["major"], "125");
  EXPECT_TRUE(device["ua"]["patch"].is_null());
  EXPECT_TRUE(device["device"]["brand"].is_null());
  EXPECT_EQ(device["type"], "desktop");
}

TEST(ProbeDevice, TakesHeaders) {
  if (!std::filesystem::exists(plugins::UserAgentParser::default_file)) GTEST_SKIP() << "uap-core is not installed";
  const Json device = probe_device(
      {{"ua",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile "
        "Safari/537.36"},
       {"headers", {{"Sec-CH-UA-Model", R"("Pixel 8")"}, {"Sec-CH-UA-Platform", R"("Android")"}}}});
  EXPECT_EQ(device["device"]["model"], "Pixel 8");
  EXPECT_EQ(device["type"], "phone");
}

TEST(Conformance, GeoAgreesWithEveryRow) {
  const auto file = conformance_folder() / "geo/lookups.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is missing";
  const Count geo = count(file, probe_geo);
  EXPECT_GT(geo.rows, 0);
  EXPECT_EQ(geo.agreeing, geo.rows);
}

TEST(Conformance, DeviceAgreesWithAllThatTheInstalledRegexesKnow) {
  if (!std::filesystem::exists(conformance_folder() / "device")) GTEST_SKIP() << "device rows are missing";
  if (!std::filesystem::exists(plugins::UserAgentParser::default_file)) GTEST_SKIP() << "uap-core is not installed";
  // Rows are from uap-core's newest tests; these are the shares that Debian 12's older regexes know.
  for (const auto& [name, share] : {std::pair("device", 0.99), std::pair("os", 0.94), std::pair("ua", 0.86)}) {
    const Count rows = count(conformance_folder() / "device" / (std::string(name) + ".jsonl"), probe_device);
    EXPECT_GE(rows.agreeing, rows.rows * share) << name;
    RecordProperty(name, std::to_string(rows.agreeing) + " of " + std::to_string(rows.rows));
  }
}

}  // namespace
}  // namespace personalize::cli
