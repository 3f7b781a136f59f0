#include "module/weather/table.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace personalize::module {
namespace {

constexpr std::int64_t s = 1'000'000;
constexpr plugins::WeatherCell dublin{534, -63}, hamburg{536, 100};

class WeatherTableTest : public ::testing::Test {
 protected:
  WeatherTable::Answer find(plugins::WeatherCell cell, std::int64_t now, bool may_fetch = true) {
    return table->find(cell, start + now, times, may_fetch, random);
  }
  void fetch(plugins::WeatherCell cell, std::int64_t now, float temperature = 10) {
    plugins::WeatherReport report;
    report.set("temperature_c", temperature);
    report.fetched_us = start + now;
    table->fetched(cell, report);
  }
  void fail(plugins::WeatherCell cell, std::int64_t now) { table->failed(cell, start + now, times, random); }

  static constexpr std::int64_t start = 1'795'000'000 * s;
  WeatherTimes times{
      .fresh = 10 * s, .usable = 60 * s, .fetching = 5 * s, .pause = 4 * s, .max_pause = 100 * s, .max_fetches = 600};
  std::uint32_t random = 1u << 31;  // pauses of exactly their length
  std::vector<std::uint64_t> memory = std::vector<std::uint64_t>(64 * 1024 / 8);
  WeatherTable* table = WeatherTable::in(memory.data(), memory.size() * 8);
};

TEST_F(WeatherTableTest, LetsOneAtATimeFetch) {
  EXPECT_TRUE(find(dublin, 0).fetch);
  EXPECT_FALSE(find(dublin, 0).fetch);
  EXPECT_TRUE(find(hamburg, 0).fetch);
  fetch(dublin, 1 * s);
  const auto answer = find(dublin, 2 * s);
  ASSERT_TRUE(answer.report);
  EXPECT_FLOAT_EQ(*answer.report->get("temperature_c"), 10);
  EXPECT_FALSE(answer.fetch);
  EXPECT_EQ(table->size(), 2u);
}

TEST_F(WeatherTableTest, TakesAFetchThatIsNotHeardOfForDead) {
  EXPECT_TRUE(find(dublin, 0).fetch);
  EXPECT_FALSE(find(dublin, 4 * s).fetch);
  EXPECT_TRUE(find(dublin, 5 * s).fetch);
}

TEST_F(WeatherTableTest, LetsSomebodyElseFetchWhatWasGivenBack) {
  EXPECT_TRUE(find(dublin, 0).fetch);
  table->gave_back(dublin);
  EXPECT_TRUE(find(dublin, 0).fetch);
}

TEST_F(WeatherTableTest, ServesOldReportsForAWhile) {
  fetch(dublin, 0);
  EXPECT_FALSE(find(dublin, 0, false).report) << "nobody asked for it before: not kept";
  find(dublin, 0);
  fetch(dublin, 0);
  EXPECT_FALSE(find(dublin, 9 * s).stale);
  const auto old = find(dublin, 11 * s);
  EXPECT_TRUE(old.stale && old.report && old.fetch);
  EXPECT_TRUE(find(dublin, 12 * s).report) << "while it is fetched";
  EXPECT_FALSE(find(dublin, 61 * s).report);
}

TEST_F(WeatherTableTest, PausesLongerAfterEveryFailureAndForgetsThemAfterASuccess) {
  std::int64_t now = 0;
  for (std::int64_t pause : {4, 8, 16, 32, 64, 100, 100}) {
    ASSERT_TRUE(find(dublin, now).fetch);
    fail(dublin, now);
    EXPECT_FALSE(find(dublin, now + pause * s - 1).fetch) << pause;
    now += pause * s;
  }
  ASSERT_TRUE(find(dublin, now).fetch);
  plugins::WeatherReport report;
  report.fetched_us = start + now;
  EXPECT_TRUE(table->fetched(dublin, report)) << "that it is back is worth telling";
  now += times.fresh;
  ASSERT_TRUE(find(dublin, now).fetch);
  fail(dublin, now);
  EXPECT_TRUE(find(dublin, now + 4 * s).fetch);
}

TEST_F(WeatherTableTest, AsksForNothingBeforeTheServiceWantsItTo) {
  find(dublin, 0);
  table->failed(dublin, start, times, random, 60 * s);
  EXPECT_FALSE(find(dublin, 59 * s).fetch);
  EXPECT_FALSE(find(hamburg, 59 * s).fetch) << "nor for other cells";
  EXPECT_TRUE(find(hamburg, 60 * s).fetch);
  table->failed(hamburg, start + 60 * s, times, random, 3600 * s);
  EXPECT_TRUE(find(dublin, 161 * s).fetch) << "no longer than the longest pause";
  fetch(dublin, 161 * s);
  EXPECT_TRUE(find(hamburg, 162 * s).fetch) << "it answers again";
}

TEST_F(WeatherTableTest, PausesDifferByChance) {
  for (const auto& [bits, pause] : {std::pair{0u, 3 * s}, {UINT32_MAX, 5 * s - 1}}) {
    const plugins::WeatherCell cell{static_cast<std::int16_t>(pause % 100), 0};
    random = bits;
    ASSERT_TRUE(find(cell, 0).fetch);
    fail(cell, 0);
    EXPECT_FALSE(find(cell, pause - 1).fetch);
    EXPECT_TRUE(find(cell, pause + 1).fetch);
  }
}

TEST_F(WeatherTableTest, LeavesAServiceAloneThatFailsForEveryPlace) {
  for (std::int16_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(find({i, 0}, 0).fetch);
    fail({i, 0}, 0);
  }
  EXPECT_TRUE(find({100, 0}, 1).fetch) << "one try";
  EXPECT_FALSE(find({101, 0}, 1).fetch) << "and no other";
  fail({100, 0}, 1);
  EXPECT_FALSE(find({102, 0}, 2 * s).fetch);
  EXPECT_TRUE(find({102, 0}, 5 * s).fetch) << "another try after a pause";
  fetch({102, 0}, 5 * s);
  EXPECT_TRUE(find({103, 0}, 5 * s).fetch);
  EXPECT_TRUE(find({104, 0}, 5 * s).fetch) << "all is well again";
}

TEST_F(WeatherTableTest, ForgetsWhatWasNotAskedForLongest) {
  std::mt19937 any(7);
  for (int i = 0; i < 20'000; ++i) {
    const plugins::WeatherCell cell{static_cast<std::int16_t>(any() % 1801 - 900),
                                    static_cast<std::int16_t>(any() % 3600 - 1799)};
    if (find(cell, i * s).fetch) fetch(cell, i * s);
    find(dublin, i * s);
    fetch(dublin, i * s, 20);
  }
  EXPECT_EQ(table->size(), table->capacity());
  EXPECT_FLOAT_EQ(*find(dublin, 20'000 * s).report->get("temperature_c"), 20);
}

TEST_F(WeatherTableTest, SurvivesAClockThatIsSetBack) {
  find(dublin, 1000 * s);
  fail(dublin, 1000 * s);
  find(hamburg, 1000 * s);
  fetch(hamburg, 1000 * s);
  EXPECT_TRUE(find(dublin, 0).fetch);
  EXPECT_TRUE(find(hamburg, 0).fetch) << "a report from the future is not fresh";
}

TEST(WeatherTable, NeedsRoomForABucket) {
  std::vector<std::uint64_t> memory(128);
  EXPECT_EQ(WeatherTable::in(memory.data(), 256), nullptr);
  EXPECT_NE(WeatherTable::in(memory.data(), 1024), nullptr);
}

TEST_F(WeatherTableTest, FetchesNoMoreInAMinuteThanItMay) {
  times.max_fetches = 3;
  fetch(dublin, 0);
  EXPECT_TRUE(find(dublin, 0).fetch);
  fetch(dublin, 0);
  for (std::int16_t i = 0; i < 100; ++i) {
    const auto answer = find({i, 0}, 1 * s);
    EXPECT_EQ(answer.fetch, i < 2);
    EXPECT_EQ(answer.over_limit, i >= 2);
  }
  EXPECT_EQ(table->size(), 3u) << "places that are not fetched do not take the room of others";
  const auto stale = find(dublin, 59 * s);
  EXPECT_TRUE(stale.report && stale.stale && stale.over_limit && !stale.fetch);
  EXPECT_FALSE(find(dublin, 59 * s, false).over_limit) << "who cannot fetch is not kept from it";
  EXPECT_TRUE(find(dublin, 60 * s).fetch) << "the next minute";
  EXPECT_TRUE(find({7, 0}, -1000 * s).fetch) << "the clock was set back";
}

}  // namespace
}  // namespace personalize::module
