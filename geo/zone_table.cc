#include "geo/zone_table.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace personalize::geo {
namespace {

std::string_view next_part(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// "+5130" or "-0747" or with seconds "+404251" (one more digit for longitudes), as ISO 6709 has it.
std::optional<double> degrees(std::string_view text, std::size_t degree_digits) {
  if (text.size() < 1 + degree_digits + 2) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t count) {
    int value = 0;
    std::from_chars(text.data() + from, text.data() + from + count, value);
    return value;
  };
  double value = number(1, degree_digits) + number(1 + degree_digits, 2) / 60.0;
  if (text.size() >= 1 + degree_digits + 4) value += number(3 + degree_digits, 2) / 3600.0;
  return text[0] == '-' ? -value : value;
}

std::optional<Point> parse_point(std::string_view text) {
  const auto longitude = text.find_first_of("+-", 1);
  if (longitude == std::string_view::npos) return std::nullopt;
  const auto north = degrees(text.substr(0, longitude), 2), east = degrees(text.substr(longitude), 3);
  if (!north || !east || !valid({*north, *east})) return std::nullopt;
  return Point{*north, *east};
}

}  // namespace

ZoneTable ZoneTable::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return ZoneTable(text);
}

ZoneTable::ZoneTable(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = next_part(text, '\n');
    if (line.starts_with('#')) continue;
    const std::string_view country = next_part(line, '\t');
    const auto place = parse_point(next_part(line, '\t'));
    const std::string_view name = next_part(line, '\t');
    if (country.size() != 2 || !place || name.empty()) continue;
    Zones& zones = zones_[std::string(country)];
    zones.names.emplace_back(name);
    zones.places.add(*place);
  }
}

std::string_view ZoneTable::zone_of(std::string_view country, std::optional<Point> point) const {
  const auto zones = zones_.find(country);
  if (zones == zones_.end()) return {};
  if (zones->second.names.size() == 1) return zones->second.names.front();
  if (!point) return {};
  return zones->second.names[zones->second.places.nearest(*point)->index];
}

}  // namespace personalize::geo
