#include "geo/distance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace personalize::geo {
namespace {

constexpr Point london{51.5074, -0.1278}, paris{48.8566, 2.3522}, sydney{-33.8688, 151.2093};

TEST(Distance, IsThatOfTheGreatCircle) {
  EXPECT_NEAR(distance_km(london, paris), 343.6, 0.5);
  EXPECT_NEAR(distance_km(london, sydney), 16994, 10);
  EXPECT_DOUBLE_EQ(distance_km(london, paris), distance_km(paris, london));
  EXPECT_EQ(distance_km(london, london), 0);
}

TEST(Distance, GoesTheShortWayAroundTheDateLine) {
  EXPECT_NEAR(distance_km({0, 179.5}, {0, -179.5}), 111.2, 0.1);
  EXPECT_NEAR(distance_km({90, 0}, {90, 120}), 0, 1e-6);
}

TEST(Distance, OfAntipodesIsHalfTheCircumference) {
  EXPECT_NEAR(distance_km({0, 0}, {0, 180}), 20015, 1);
  EXPECT_NEAR(distance_km({90, 0}, {-90, 0}), 20015, 1);
}

TEST(Nearest, IsTheFirstOfEquals) {
  const Places stores(std::vector<Point>{sydney, paris, london, paris});
  const auto from_calais = stores.nearest({50.95, 1.85});
  ASSERT_TRUE(from_calais);
  EXPECT_EQ(from_calais->index, 2u);
  EXPECT_NEAR(from_calais->distance_km, distance_km({50.95, 1.85}, london), 1e-9);
  EXPECT_EQ(stores.nearest(paris)->index, 1u);
}

TEST(Nearest, OfNothingIsNothing) { EXPECT_FALSE(Places().nearest(london)); }

TEST(Point, IsValidOnTheGlobeOnly) {
  EXPECT_TRUE(valid(london));
  EXPECT_TRUE(valid({-90, 180}));
  EXPECT_FALSE(valid({90.1, 0}));
  EXPECT_FALSE(valid({0, -180.1}));
  EXPECT_FALSE(valid({std::numeric_limits<double>::quiet_NaN(), 0}));
}

}  // namespace
}  // namespace personalize::geo
