// Distances on the globe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

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
/// Points to find the nearest of, in about a nanosecond each.
class Places {
 public:
  Places() = default;
  explicit Places(std::span<const Point> points);
  void add(Point point);
  bool empty() const { return points_.empty(); }
  /// The nearest point, the first of several; nothing if there are none.
  std::optional<Nearest> nearest(Point from) const;

 private:
  /// On the unit sphere, points nearer along the surface are also nearer in a straight line.
  struct Vector {
    double x, y, z;
  };
  static Vector vector(Point point);
  std::vector<Point> points_;
  std::vector<Vector> vectors_;  // the same
};

}  // namespace personalize::geo
