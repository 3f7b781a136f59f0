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
/// Points of which the nearest is asked for: about a nanosecond each.
class Places {
 public:
  Places() = default;
  explicit Places(std::span<const Point> points);
  void add(Point point);
  bool empty() const { return points_.empty(); }
  /// The first of equals; nothing if there are none.
  std::optional<Nearest> nearest(Point from) const;

 private:
  /// On the unit sphere: the nearer along it, the nearer through it.
  struct Vector {
    double x, y, z;
  };
  static Vector vector(Point point);
  std::vector<Point> points_;
  std::vector<Vector> vectors_;  // the same
};

}  // namespace personalize::geo
