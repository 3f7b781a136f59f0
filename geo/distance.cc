#include "geo/distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace personalize::geo {
namespace {

constexpr double mean_radius_km = 6371.0088;  // IUGG

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

double haversine(Point a, Point b) {
  const double x = std::sin(radians(b.latitude - a.latitude) / 2);
  const double y = std::sin(radians(b.longitude - a.longitude) / 2);
  return std::clamp(x * x + std::cos(radians(a.latitude)) * std::cos(radians(b.latitude)) * y * y, 0.0, 1.0);
}

}  // namespace

bool valid(Point point) { return std::abs(point.latitude) <= 90 && std::abs(point.longitude) <= 180; }

double distance_km(Point a, Point b) { return 2 * mean_radius_km * std::asin(std::sqrt(haversine(a, b))); }

Places::Places(std::span<const Point> points) {
  for (Point point : points) add(point);
}

void Places::add(Point point) {
  points_.push_back(point);
  vectors_.push_back(vector(point));
}

Places::Vector Places::vector(Point point) {
  const double latitude = radians(point.latitude), longitude = radians(point.longitude);
  return {std::cos(latitude) * std::cos(longitude), std::cos(latitude) * std::sin(longitude), std::sin(latitude)};
}

std::optional<Nearest> Places::nearest(Point from) const {
  if (points_.empty()) return std::nullopt;
  const Vector here = vector(from);
  std::size_t best = 0;
  double least = 5;  // more than the square of any distance through the unit sphere
  for (std::size_t i = 0; i < vectors_.size(); ++i) {
    const double x = vectors_[i].x - here.x, y = vectors_[i].y - here.y, z = vectors_[i].z - here.z;
    if (const double square = x * x + y * y + z * z; square < least) {
      least = square;
      best = i;
    }
  }
  return Nearest{best, distance_km(from, points_[best])};
}

}  // namespace personalize::geo
