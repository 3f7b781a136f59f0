#include "geo/watched_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "geo/canaries.h"
#include "tests/unit/geo/mmdb_builder.h"

namespace personalize::geo {
namespace {

using ::testing::HasSubstr;
using Outcome = WatchedDatabase::Outcome;

MmdbBuilder cities(const std::string& name, int count = 200, const std::string& type = "GeoIP2-City") {
  MmdbBuilder builder(type);
  for (int i = 0; i < count; ++i)
    builder.add("10.0." + std::to_string(i) + ".0/24", {{"city", {{"names", {{"en", name}}}}}});
  return builder;
}

std::string city(const WatchedDatabase& watched) {
  std::vector<Fact> facts;
  watched.current()->read(watched.current()->find(*Address::parse("10.0.7.1")), bit(Field::city), facts);
  return facts.empty() ? "-" : std::string(std::get<std::string_view>(facts[0].value));
}

/// Until something other than waiting happens, but not forever.
Outcome settle(WatchedDatabase& watched) {
  Outcome outcome = Outcome::idle;
  for (int i = 0; i < 20 && (outcome == Outcome::idle || outcome == Outcome::busy); ++i) outcome = watched.poll();
  return outcome;
}

class WatchedDatabaseTest : public ::testing::Test {
 protected:
  void replace(const std::string& content) {  // as geoipupdate does
    folder_.write("new.mmdb", content);
    std::filesystem::rename(folder_.path("new.mmdb"), path_);
  }
  TemporaryFolder folder_;
  std::string path_ = folder_.write("city.mmdb", cities("Before").build());
  WatchedDatabase watched_{path_};
};

TEST_F(WatchedDatabaseTest, IsIdleWhileTheFileIsTheSame) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(watched_.poll(), Outcome::idle);
}

TEST_F(WatchedDatabaseTest, TakesInAFileThatWasRenamedIntoPlace) {
  replace(cities("After").build());
  EXPECT_EQ(settle(watched_), Outcome::replaced);
  EXPECT_EQ(city(watched_), "After");
  EXPECT_EQ(settle(watched_), Outcome::idle);
}

TEST_F(WatchedDatabaseTest, TakesInAFileThatWasOverwrittenInPlace) {
  folder_.write("city.mmdb", cities("Later").build());
  EXPECT_EQ(settle(watched_), Outcome::replaced);
  EXPECT_EQ(city(watched_), "Later");
}

TEST_F(WatchedDatabaseTest, WaitsUntilTheFileLooksTheSameTwice) {
  const std::string after = cities("After").build();
  folder_.write("city.mmdb", after.substr(0, 100));
  EXPECT_EQ(watched_.poll(), Outcome::idle);
  folder_.write("city.mmdb", after.substr(0, 1000));
  EXPECT_EQ(watched_.poll(), Outcome::idle);
  folder_.write("city.mmdb", after);
  EXPECT_EQ(settle(watched_), Outcome::replaced);
}

TEST_F(WatchedDatabaseTest, KeepsTheOldOneWhereTheNewOneIsNoDatabase) {
  const std::string after = cities("After").build();
  for (const std::string& bad : {after.substr(0, after.size() / 2), std::string("<html>"), std::string()}) {
    replace(bad);
    EXPECT_EQ(settle(watched_), Outcome::refused);
    EXPECT_THAT(watched_.refusal(), HasSubstr("geo database "));
    EXPECT_EQ(city(watched_), "Before");
    EXPECT_EQ(settle(watched_), Outcome::idle) << "not tried again";
  }
  replace(after);
  EXPECT_EQ(settle(watched_), Outcome::replaced);
}

TEST_F(WatchedDatabaseTest, KeepsTheOldOneWhereTheFileIsRemoved) {
  std::filesystem::remove(path_);
  EXPECT_EQ(settle(watched_), Outcome::idle);
  EXPECT_EQ(city(watched_), "Before");
  replace(cities("Back").build());
  EXPECT_EQ(settle(watched_), Outcome::replaced);
}

TEST_F(WatchedDatabaseTest, RefusesADatabaseOfAnotherKind) {
  replace(cities("After", 200, "GeoIP2-Country").build());
  EXPECT_EQ(settle(watched_), Outcome::refused);
  EXPECT_THAT(watched_.refusal(), HasSubstr("is a GeoIP2-Country in the place of a GeoIP2-City"));
}

TEST_F(WatchedDatabaseTest, RefusesADatabaseThatHasForgottenMost) {
  replace(cities("After", 10).build());
  EXPECT_EQ(settle(watched_), Outcome::refused);
  EXPECT_THAT(watched_.refusal(), HasSubstr("addresses that the database in use knows"));
}

TEST_F(WatchedDatabaseTest, RefusesADatabaseWithDamagedRecords) {
  std::string bad = cities("After").build();
  const auto data = bad.find("After");
  for (std::size_t i = data - 40; i < data + 2000; ++i) bad[i] = '\xff';
  replace(bad);
  EXPECT_EQ(settle(watched_), Outcome::refused);
  EXPECT_EQ(city(watched_), "Before");
}

TEST_F(WatchedDatabaseTest, SharesWhatAnotherTookIn) {
  WatchedDatabase other(path_);
  EXPECT_EQ(other.current(), watched_.current());
  replace(cities("After").build());
  ASSERT_EQ(settle(watched_), Outcome::replaced);
  ASSERT_EQ(settle(other), Outcome::replaced);
  EXPECT_EQ(other.current(), watched_.current());
}

TEST_F(WatchedDatabaseTest, LeavesTheOldOneToThoseWhoStillReadIt) {
  const auto old = watched_.current();
  replace(cities("After").build());
  ASSERT_EQ(settle(watched_), Outcome::replaced);
  std::vector<Fact> facts;
  old->read(old->find(*Address::parse("10.0.7.1")), bit(Field::city), facts);
  EXPECT_EQ(std::get<std::string_view>(facts.at(0).value), "Before");
}

TEST(Canaries, AreInTheDatabaseAndTheSameEveryTime) {
  TemporaryFolder folder;
  const auto database = Database::open(folder.write("city.mmdb", cities("Here").build()));
  const auto addresses = canaries(*database, 50);
  EXPECT_EQ(addresses.size(), 50u);
  for (const Address& address : addresses) EXPECT_TRUE(database->find(address).found);
  EXPECT_EQ(addresses, canaries(*database, 50));
}

}  // namespace
}  // namespace personalize::geo
