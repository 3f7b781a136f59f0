#include "geo/distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace personalize::geo {
namespace {

constexpr double mean_radius_km = 6371.0088;  // IUGG

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

/// Grows with the distance, from 0 to 1, and costs less.
double haversine(Point a, Point b) {
  const double x = std::sin(radians(b.latitude - a.latitude) / 2);
  const double y = std::sin(radians(b.longitude - a.longitude) / 2);
  return std::clamp(x * x + std::cos(radians(a.latitude)) * std::cos(radians(b.latitude)) * y * y, 0.0, 1.0);
}

double km(double haversine) { return 2 * mean_radius_km * std::asin(std::sqrt(haversine)); }

}  // namespace

bool valid(Point point) { return std::abs(point.latitude) <= 90 && std::abs(point.longitude) <= 180; }

double distance_km(Point a, Point b) { return km(haversine(a, b)); }

std::optional<Nearest> nearest(Point from, std::span<const Point> points) {
  if (points.empty()) return std::nullopt;
  Nearest best{0, 2};
  for (std::size_t i = 0; i < points.size(); ++i)
    if (const double h = haversine(from, points[i]); h < best.distance_km) best = {i, h};
  best.distance_km = km(best.distance_km);
  return best;
}

}  // namespace personalize::geo
