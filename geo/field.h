// The facts that MaxMind databases have about addresses, and where they are in the records.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace personalize::geo {

enum class Field : std::uint8_t {
  continent,
  continent_name,
  country,
  country_name,
  registered_country,
  is_eu,
  subdivision,
  subdivision_name,
  subdivisions,
  city,
  city_id,
  postal_code,
  latitude,
  longitude,
  accuracy_km,
  time_zone,
  metro_code,
  population_density,
  average_income,
  asn,
  as_organization,
  isp,
  organization,
  domain,
  connection_type,
  user_type,
  mobile_country_code,
  mobile_network_code,
  is_anonymous,
  is_vpn,
  is_hosting,
  is_public_proxy,
  is_residential_proxy,
  is_tor,
  is_anycast,
  anonymizer_confidence,
  anonymizer,
};
inline constexpr std::size_t field_count = static_cast<std::size_t>(Field::anonymizer) + 1;

/// A set of fields, one bit each.
using Fields = std::uint64_t;
static_assert(field_count <= 64);
constexpr Fields bit(Field field) { return Fields{1} << static_cast<unsigned>(field); }

enum class FieldType : std::uint8_t { text, integer, real, flag, texts };

/// Keys from the top of the record to a value, ended by null as libmaxminddb requires. In the path of a `texts` field
/// "*" stands for every element of an array.
using Path = std::array<const char*, 6>;

struct FieldRow {
  Field field;
  std::string_view name;  ///< as an attribute: "country" of geo.country
  FieldType type;
  std::string_view description;
  std::array<Path, 5> paths;  ///< tried in this order; the first with a usable value counts
};
/// One row per field, in the order of the enumeration.
std::span<const FieldRow, field_count> field_rows();

/// What an address is known for. Text is valid as long as the database that it was read from.
struct Fact {
  Field field;
  std::variant<bool, std::int64_t, double, std::string_view, std::vector<std::string_view>> value;
};

/// What a database of one type knows.
struct DatabaseKind {
  Fields fields;                    ///< that its records can have
  Fields false_without_value = 0;   ///< flags that are false if the record does not have them
  Fields false_without_record = 0;  ///< flags that are false if the address is not in the database
};
/// By the metadata's `database_type` ("GeoIP2-City", "DBIP-ASN-Lite"); every field for a type that says nothing.
DatabaseKind kind_of_type(std::string_view database_type);

/// ISO 3166-1 code of a member of the European Union.
bool in_european_union(std::string_view country);

}  // namespace personalize::geo
