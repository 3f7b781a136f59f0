#include "module/status/gauge.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "module/status/outages.h"

namespace personalize::module {
namespace {

struct Workers {
  std::set<std::uint32_t> alive;
  auto serves() const {
    return [this](std::uint32_t worker) { return alive.contains(worker); };
  }
};

TEST(Gauge, IsThatOfTheWorkerThatBeganLast) {
  const Workers workers{{1, 2}};
  Gauge gauge{};
  EXPECT_EQ(gauge.value(workers.serves()), 0u);
  gauge.begin(1);
  gauge.set(1, 3, workers.serves());
  EXPECT_EQ(gauge.value(workers.serves()), 3u);
  gauge.begin(2);
  EXPECT_EQ(gauge.value(workers.serves()), 0u);
  gauge.set(2, 2, workers.serves());
  gauge.set(1, 0, workers.serves());
  EXPECT_EQ(gauge.value(workers.serves()), 2u) << "who is shutting down counts for itself only";
}

TEST(Gauge, OfADeadWorkerIsNothing) {
  Workers workers{{1, 2}};
  Gauge gauge{};
  gauge.begin(1);
  gauge.set(1, 3, workers.serves());
  workers.alive.erase(1);
  EXPECT_EQ(gauge.value(workers.serves()), 0u);
}

TEST(Gauge, ComesBackFromAWorkerThatTookItAndDied) {
  Workers workers{{1, 2}};
  Gauge gauge{};
  gauge.begin(1);
  gauge.set(1, 3, workers.serves());
  gauge.begin(2);  // of the previous configuration, but later
  gauge.set(1, 3, workers.serves());
  EXPECT_EQ(gauge.value(workers.serves()), 0u);
  workers.alive.erase(2);
  gauge.set(1, 3, workers.serves());
  EXPECT_EQ(gauge.value(workers.serves()), 3u);
}

constexpr std::uint64_t server = 0x123456789abcdef0, other = 0xfedcba9876543210;

TEST(Outages, BeginAndEndOnceForAllWorkers) {
  const Workers workers{{1, 2}};
  const auto outages = std::make_unique<Outages>();
  EXPECT_FALSE(outages->end(server, 1, workers.serves())) << "there was none";
  EXPECT_TRUE(outages->begin(server, 1, workers.serves()));
  EXPECT_FALSE(outages->begin(server, 2, workers.serves()));
  EXPECT_TRUE(outages->begin(other, 2, workers.serves())) << "of another server";
  EXPECT_FALSE(outages->end(server, 2, workers.serves())) << "not theirs to tell";
  EXPECT_TRUE(outages->end(server, 1, workers.serves()));
  EXPECT_FALSE(outages->end(server, 1, workers.serves()));
  EXPECT_TRUE(outages->begin(server, 2, workers.serves()));
}

TEST(Outages, OfADeadWorkerGoOnAndAreEndedByAnother) {
  Workers workers{{1, 2}};
  const auto outages = std::make_unique<Outages>();
  EXPECT_TRUE(outages->begin(server, 1, workers.serves()));
  workers.alive.erase(1);
  EXPECT_FALSE(outages->begin(server, 2, workers.serves())) << "it has been told";
  EXPECT_TRUE(outages->end(server, 2, workers.serves()));
  EXPECT_TRUE(outages->begin(server, 2, workers.serves()));
  workers.alive.insert(3);
  workers.alive.erase(2);
  EXPECT_TRUE(outages->end(server, 3, workers.serves()));
}

TEST(Outages, ThatNeedTheSamePlaceAreToldByEveryWorker) {
  const Workers workers{{1, 2}};
  const auto outages = std::make_unique<Outages>();
  const std::uint64_t neighbour = server ^ std::uint64_t{1} << 60;
  EXPECT_TRUE(outages->begin(server, 1, workers.serves()));
  EXPECT_TRUE(outages->begin(neighbour, 1, workers.serves()));
  EXPECT_TRUE(outages->begin(neighbour, 2, workers.serves()));
  EXPECT_FALSE(outages->end(neighbour, 1, workers.serves()));
  EXPECT_TRUE(outages->end(server, 1, workers.serves()));
}

}  // namespace
}  // namespace personalize::module
