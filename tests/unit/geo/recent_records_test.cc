#include "geo/recent_records.h"

#include <gtest/gtest.h>

#include "tests/unit/geo/mmdb_builder.h"

namespace personalize::geo {
namespace {

TEST(RecentRecords, AgreeWithTheDatabaseForMoreRecordsThanTheyHold) {
  TemporaryFolder folder;
  MmdbBuilder builder("GeoIP2-City");
  for (int i = 0; i < 5000; ++i)
    builder.add("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24",
                {{"city", {{"names", {{"en", "city " + std::to_string(i)}}}}}});
  const auto database = Database::open(folder.write("test.mmdb", builder.build()));
  RecentRecords records(database, bit(Field::city) | bit(Field::country));
  for (int pass = 0; pass < 2; ++pass)
    for (int i = 0; i < 5000; ++i) {
      const auto address = *Address::parse("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".9");
      for (int repeat = 0; repeat < 2; ++repeat) {
        const auto facts = records.facts(database->find(address));
        ASSERT_EQ(facts.size(), 1u);
        ASSERT_EQ(std::get<std::string_view>(facts[0].value), "city " + std::to_string(i));
      }
    }
  EXPECT_TRUE(records.facts(database->find(*Address::parse("192.0.2.1"))).empty());
}

TEST(RecentRecords, HoldOnlyWhatIsWanted) {
  TemporaryFolder folder;
  const auto database = Database::open(
      folder.write("test.mmdb", MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", london_record()).build()));
  RecentRecords records(database, bit(Field::latitude));
  const auto facts = records.facts(database->find(*Address::parse("192.0.2.1")));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].field, Field::latitude);
}

}  // namespace
}  // namespace personalize::geo
