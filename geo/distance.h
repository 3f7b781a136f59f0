// Distances on the globe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace personalize::geo {

struct Point {
  double latitude = 0;   ///< degrees, north is positive
  double longitude = 0;  ///< degrees, east is positive
};

/// True for finite degrees within ±90 and ±180.
bool valid(Point point);

/// Along the great circle of a sphere of the Earth's mean radius (haversine): within 0.6 % of the
/// ellipsoid's.
double distance_km(Point a, Point b);

struct Nearest {
  std::size_t index;
  double distance_km;
};
/// The nearest of `points`, the first of equals; nothing if there are none.
std::optional<Nearest> nearest(Point from, std::span<const Point> points);

}  // namespace personalize::geo
