#include "geo/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/unit/geo/mmdb_builder.h"

namespace personalize::geo {
namespace {

using ::testing::HasSubstr;

/// Facts as text, by field name.
std::map<std::string, std::string> facts_of(const Database& database, const std::string& address) {
  struct ToText {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t integer) const { return std::to_string(integer); }
    std::string operator()(double real) const { return nlohmann::json(real).dump(); }
    std::string operator()(std::string_view text) const { return std::string(text); }
    std::string operator()(const std::vector<std::string_view>& texts) const {
      std::string joined;
      for (std::string_view text : texts) (joined += text) += ' ';
      return joined;
    }
  };
  std::vector<Fact> facts;
  database.read(database.find(*Address::parse(address)), ~Fields{0}, facts);
  std::map<std::string, std::string> texts;
  for (const Fact& fact : facts)
    texts[std::string(field_rows()[static_cast<std::size_t>(fact.field)].name)] = std::visit(ToText(), fact.value);
  return texts;
}

class DatabaseTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Database> open(const MmdbBuilder& builder) {
    return Database::open(folder_.write("test.mmdb", builder.build()));
  }
  std::string complaint_about(const std::string& path) {
    try {
      Database::open(path);
    } catch (const LoadError& error) {
      return error.what();
    }
    return "none";
  }
  TemporaryFolder folder_;
};

TEST_F(DatabaseTest, TellsWhatItKnowsOfAPlace) {
  const auto database = open(MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", london_record()));
  auto facts = facts_of(*database, "192.0.2.77");
  EXPECT_EQ(facts["continent"], "EU");
  EXPECT_EQ(facts["country"], "GB");
  EXPECT_EQ(facts["country_name"], "United Kingdom");
  EXPECT_EQ(facts["is_eu"], "false");
  EXPECT_EQ(facts["subdivision"], "ENG");
  EXPECT_EQ(facts["subdivisions"], "ENG LND ");
  EXPECT_EQ(facts["city"], "London");
  EXPECT_EQ(facts["postal_code"], "EC2V");
  EXPECT_EQ(facts["latitude"], "51.5142");
  EXPECT_EQ(facts["longitude"], "-0.0931");
  EXPECT_EQ(facts["accuracy_km"], "10");
  EXPECT_EQ(facts["time_zone"], "Europe/London");
  EXPECT_EQ(facts.count("asn"), 0u);
}

TEST_F(DatabaseTest, KnowsNothingOfAnAddressThatIsNotInIt) {
  const auto database = open(MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", london_record()));
  EXPECT_FALSE(database->find(*Address::parse("192.0.3.1")).found);
  EXPECT_TRUE(facts_of(*database, "192.0.3.1").empty());
  EXPECT_FALSE(database->find(*Address::parse("2001:db8::1")).found);
}

TEST_F(DatabaseTest, NamesTheNetworkOfAMatch) {
  const auto database =
      open(MmdbBuilder("GeoIP2-City").add("192.0.2.0/25", london_record()).add("2001:db8::/32", london_record()));
  const auto network = [&](const char* text) {
    const auto address = *Address::parse(text);
    return network_of(address, database->find(address));
  };
  EXPECT_EQ(network("192.0.2.77"), "192.0.2.0/25");
  EXPECT_EQ(network("192.0.2.177"), "192.0.2.128/25");
  EXPECT_EQ(network("2001:db8:1::1"), "2001:db8::/32");
}

TEST_F(DatabaseTest, FindsIPv4NetworksOfMappedAddresses) {
  const auto database = open(MmdbBuilder("GeoIP2-City")
                                 .add("192.0.2.0/25", london_record())
                                 .add("::ffff:198.51.100.0/120", london_record())
                                 .add("2001:db8::/32", london_record()));
  const auto network = [&](const char* text) {
    const auto address = *Address::parse(text);
    const auto match = database->find(address);
    return (match.found ? "" : "not in ") + network_of(address, match);
  };
  EXPECT_EQ(facts_of(*database, "::ffff:192.0.2.77"), facts_of(*database, "192.0.2.77"));
  EXPECT_EQ(network("::ffff:192.0.2.77"), "192.0.2.0/25");
  EXPECT_EQ(network("::ffff:192.0.2.177"), "not in 192.0.2.128/25");
  EXPECT_EQ(network("::ffff:198.51.100.7"), "::ffff:198.51.100.0/120") << "a network of the database's own";
}

TEST_F(DatabaseTest, TellsAnonymousAddressesFromOthers) {
  const auto database = open(
      MmdbBuilder("GeoIP2-Anonymous-IP").add("192.0.2.0/24", {{"is_anonymous", true}, {"is_anonymous_vpn", true}}));
  auto hidden = facts_of(*database, "192.0.2.1");
  EXPECT_EQ(hidden["is_anonymous"], "true");
  EXPECT_EQ(hidden["is_vpn"], "true");
  EXPECT_EQ(hidden["is_tor"], "false");
  EXPECT_EQ(facts_of(*database, "198.51.100.1")["is_anonymous"], "false") << "who is not listed is not anonymous";
  EXPECT_EQ(facts_of(*database, "198.51.100.1").count("country"), 0u);
}

TEST_F(DatabaseTest, ReadsFlatRecords) {
  const auto database = open(MmdbBuilder("dbip-city-ipv4")
                                 .add("192.0.2.0/24", {{"city", "Wien"},
                                                       {"country_code", "AT"},
                                                       {"latitude", "48.2"},
                                                       {"longitude", 16.37},
                                                       {"postcode", "1010"},
                                                       {"state1", "Wien"},
                                                       {"timezone", "Europe/Vienna"},
                                                       {"asn", "AS8447"}}));
  auto facts = facts_of(*database, "192.0.2.1");
  EXPECT_EQ(facts["city"], "Wien");
  EXPECT_EQ(facts["country"], "AT");
  EXPECT_EQ(facts["is_eu"], "true") << "derived from the country";
  EXPECT_EQ(facts["latitude"], "48.2") << "numbers may be written as text";
  EXPECT_EQ(facts["postal_code"], "1010");
  EXPECT_EQ(facts["subdivision_name"], "Wien");
  EXPECT_EQ(facts["time_zone"], "Europe/Vienna");
  EXPECT_EQ(facts["asn"], "8447");
}

TEST_F(DatabaseTest, ReadsTheOtherKinds) {
  const auto isp = open(MmdbBuilder("GeoIP2-ISP")
                            .add("192.0.2.0/24", {{"autonomous_system_number", 1221},
                                                  {"isp", "Telstra"},
                                                  {"organization", "Acme"},
                                                  {"mobile_country_code", "505"}}));
  auto facts = facts_of(*isp, "192.0.2.1");
  EXPECT_EQ(facts["asn"], "1221");
  EXPECT_EQ(facts["isp"], "Telstra");
  EXPECT_EQ(facts["organization"], "Acme");
  EXPECT_EQ(facts["mobile_country_code"], "505");
  const auto connection =
      open(MmdbBuilder("GeoIP2-Connection-Type").add("192.0.2.0/24", {{"connection_type", "Cellular"}}));
  EXPECT_EQ(facts_of(*connection, "192.0.2.1")["connection_type"], "Cellular");
  const auto density = open(
      MmdbBuilder("GeoIP2-DensityIncome").add("192.0.2.0/24", {{"average_income", 32323}, {"population_density", 7}}));
  EXPECT_EQ(facts_of(*density, "192.0.2.1")["average_income"], "32323");
  const auto enterprise =
      open(MmdbBuilder("GeoIP2-Enterprise")
               .add("192.0.2.0/24", {{"traits", {{"domain", "example.org"}, {"user_type", "business"}}}}));
  EXPECT_EQ(facts_of(*enterprise, "192.0.2.1")["domain"], "example.org");
  EXPECT_EQ(facts_of(*enterprise, "192.0.2.1")["user_type"], "business");
}

TEST_F(DatabaseTest, LeavesOutWhatCannotBeRight) {
  const auto database = open(MmdbBuilder("GeoIP2-City")
                                 .add("192.0.2.0/24", {{"country", {{"iso_code", "United Kingdom"}}},
                                                       {"city", {{"names", {{"en", "caf\xff"}}}}},
                                                       {"postal", {{"code", ""}}},
                                                       {"continent", "EU?"},
                                                       {"subdivisions", {{{"iso_code", 5}}}},
                                                       {"location", {{"latitude", 91.5}, {"longitude", "east"}}}}));
  EXPECT_EQ(facts_of(*database, "192.0.2.1"), (std::map<std::string, std::string>{{"is_anycast", "false"}}));
}

TEST_F(DatabaseTest, FindsMappedAddresses) {
  const auto database = open(MmdbBuilder("GeoIP2-City").add("::ffff:192.0.2.0/120", london_record()));
  EXPECT_TRUE(database->find(*Address::parse("::ffff:192.0.2.1")).found);
}

TEST_F(DatabaseTest, SaysWhatIsWrongWithAFile) {
  const std::string whole = MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", london_record()).build();
  EXPECT_THAT(complaint_about(folder_.path("none.mmdb")), HasSubstr("geo database cannot be opened: No such file"));
  EXPECT_THAT(complaint_about(folder_.write("empty.mmdb", "")), HasSubstr("geo database is empty"));
  EXPECT_THAT(complaint_about(folder_.write("text.mmdb", "<!doctype html>")), HasSubstr("is not a MaxMind database"));
  EXPECT_THAT(complaint_about(folder_.write("half.mmdb", whole.substr(0, whole.size() / 2))),
              HasSubstr("only the beginning of one; download it again"));
  EXPECT_THAT(complaint_about(folder_.path("")), HasSubstr("is not a regular file"));
}

TEST_F(DatabaseTest, DoesNotSeeWhatIsWrittenIntoTheFileLater) {
  const std::string good = MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", london_record()).build();
  const std::string path = folder_.write("test.mmdb", good);
  const auto database = Database::open(path);
  folder_.write("test.mmdb", std::string(good.size(), '\xff'));
  std::filesystem::resize_file(path, 1);
  EXPECT_EQ(facts_of(*database, "192.0.2.1")["city"], "London");
}

TEST_F(DatabaseTest, IsOpenedOnceForTheSameFile) {
  const std::string path =
      folder_.write("test.mmdb", MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", london_record()).build());
  auto first = Database::open(path);
  EXPECT_EQ(Database::open(path), first);
  const std::string other = MmdbBuilder("GeoIP2-City").add("192.0.2.0/25", london_record()).build();
  folder_.write("test.mmdb", other);
  const auto second = Database::open(path);
  EXPECT_NE(second, first);
  const FileState state = first->state();
  EXPECT_EQ(Database::opened(state), first);
  first.reset();
  EXPECT_EQ(Database::opened(state), nullptr) << "nobody held it any longer";
}

TEST_F(DatabaseTest, SurvivesDamageInTreeAndRecords) {
  const std::string good =
      MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", london_record()).add("2001:db8::/32", london_record()).build();
  const std::size_t end = good.find("MaxMind.com");  // on an error in the metadata libmaxminddb leaks what it read
  std::mt19937 random(20261122);
  int opened = 0;
  for (int round = 0; round < 500; ++round) {
    std::string bad = good;
    for (int i = 0; i < 3; ++i) bad[random() % end] = static_cast<char>(random());
    const std::string path = folder_.write("bad.mmdb", bad);
    try {
      const auto database = Database::open(path);
      facts_of(*database, "192.0.2.1");
      facts_of(*database, "2001:db8::1");
      ++opened;
    } catch (const LoadError&) {
    }
  }
  EXPECT_GT(opened, 100) << "else this proves nothing";
}

}  // namespace
}  // namespace personalize::geo
