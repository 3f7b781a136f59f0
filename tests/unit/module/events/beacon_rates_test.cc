#include "module/events/beacon_rates.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace personalize::module {
namespace {

constexpr std::uint64_t ann = 0x1234'5678'9ABC'DEF0, bob = 0x0FED'CBA9'8765'4321;

class Rates : public testing::Test {
 protected:
  BeaconRates& rates(std::size_t bytes = 64 * 1024) {
    memory_.resize(bytes / sizeof(std::max_align_t));
    return *BeaconRates::make(std::as_writable_bytes(std::span(memory_)));
  }

 private:
  std::vector<std::max_align_t> memory_;
};

TEST_F(Rates, AllowAsManyAMinuteAsTheyMay) {
  BeaconRates& counted = rates();
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(counted.allow(ann, 7, 60)) << i;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(counted.allow(ann, 7, 60)) << i;
  EXPECT_TRUE(counted.allow(bob, 7, 60));
  EXPECT_TRUE(counted.allow(ann, 8, 60));
}

TEST_F(Rates, BeginAnewWithEachMinuteOfManyYears) {
  BeaconRates& counted = rates();
  for (std::uint32_t minute = 0; minute < 200'000; ++minute) {
    ASSERT_TRUE(counted.allow(ann, minute, 1)) << minute;
    ASSERT_FALSE(counted.allow(ann, minute, 1)) << minute;
  }
}

TEST_F(Rates, CountManyAtOnce) {
  BeaconRates& counted = rates(1024 * 1024);
  std::size_t refused = 0;
  for (int round = 0; round < 3; ++round)
    for (std::uint64_t i = 1; i <= 10'000; ++i) refused += !counted.allow(i * 0x9E37'79B9'7F4A'7C15, 1, 2);
  EXPECT_GT(refused, 9900U);
  EXPECT_LE(refused, 10'000U);
}

TEST_F(Rates, WithoutRoomAllowEverybody) {
  BeaconRates& counted = rates(128);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(counted.allow(i << 32, 1, 1));
  std::array<std::byte, 16> little{};
  EXPECT_EQ(BeaconRates::make(little), nullptr);
}

}  // namespace
}  // namespace personalize::module
