#include "geo/field.h"

#include <algorithm>

namespace personalize::geo {
namespace {

using enum FieldType;

// Nested paths are MaxMind's (and DB-IP's own files'); the flat ones are those of ip-location-db and IPinfo.
// clang-format off
constexpr std::array<FieldRow, field_count> rows = {{
    {Field::continent, "continent", text, "continent: AF AN AS EU NA OC SA",
     {{{"continent", "code"}, {"continent_code"}, {"continent"}}}},
    {Field::continent_name, "continent_name", text, "continent in English",
     {{{"continent", "names", "en"}, {"continent_name"}}}},
    {Field::country, "country", text, "country, ISO 3166-1 alpha-2: GB",
     {{{"country", "iso_code"}, {"country_code"}, {"countryCode"}, {"country"}}}},
    {Field::country_name, "country_name", text, "country in English",
     {{{"country", "names", "en"}, {"country_name"}, {"country"}}}},
    {Field::registered_country, "registered_country", text, "country in which the network is registered",
     {{{"registered_country", "iso_code"}}}},
    {Field::is_eu, "is_eu", flag, "the country is a member of the European Union",
     {{{"country", "is_in_european_union"}}}},
    {Field::subdivision, "subdivision", text, "largest subdivision, ISO 3166-2 without the country: ENG",
     {{{"subdivisions", "0", "iso_code"}, {"region_code"}}}},
    {Field::subdivision_name, "subdivision_name", text, "largest subdivision in English",
     {{{"subdivisions", "0", "names", "en"}, {"state1"}, {"region"}, {"stateprov"}}}},
    {Field::subdivisions, "subdivisions", texts, "codes of all subdivisions, largest first",
     {{{"subdivisions", "*", "iso_code"}}}},
    {Field::city, "city", text, "city in English", {{{"city", "names", "en"}, {"city_name"}, {"city"}}}},
    {Field::city_id, "city_id", integer, "GeoNames number of the city", {{{"city", "geoname_id"}}}},
    {Field::postal_code, "postal_code", text, "postal code or its beginning",
     {{{"postal", "code"}, {"postal_code"}, {"postcode"}, {"zip_code"}, {"zip"}}}},
    {Field::latitude, "latitude", real, "degrees, north is positive",
     {{{"location", "latitude"}, {"latitude"}, {"lat"}}}},
    {Field::longitude, "longitude", real, "degrees, east is positive",
     {{{"location", "longitude"}, {"longitude"}, {"lng"}, {"lon"}}}},
    {Field::accuracy_km, "accuracy_km", integer, "radius around the coordinates, kilometres",
     {{{"location", "accuracy_radius"}, {"accuracy_radius"}, {"radius"}}}},
    {Field::time_zone, "time_zone", text, "IANA time zone: Europe/London",
     {{{"location", "time_zone"}, {"time_zone"}, {"timezone"}}}},
    {Field::metro_code, "metro_code", integer, "metro code (United States)",
     {{{"location", "metro_code"}, {"metro_code"}}}},
    {Field::population_density, "population_density", integer, "people per square kilometre",
     {{{"location", "population_density"}, {"population_density"}}}},
    {Field::average_income, "average_income", integer, "average yearly income, US dollars",
     {{{"location", "average_income"}, {"average_income"}}}},
    {Field::asn, "asn", integer, "autonomous system number",
     {{{"autonomous_system_number"}, {"traits", "autonomous_system_number"}, {"asn"}, {"as_number"}}}},
    {Field::as_organization, "as_organization", text, "who runs the autonomous system",
     {{{"autonomous_system_organization"}, {"traits", "autonomous_system_organization"}, {"as_name"},
       {"as_organization"}}}},
    {Field::isp, "isp", text, "internet service provider", {{{"isp"}, {"traits", "isp"}}}},
    {Field::organization, "organization", text, "who uses the network",
     {{{"organization"},
       {"traits", "organization"},
       {"autonomous_system_organization"},
       {"as_name"},
       {"org"}}}},
    {Field::domain, "domain", text, "second-level domain of the network",
     {{{"domain"}, {"traits", "domain"}, {"as_domain"}}}},
    {Field::connection_type, "connection_type", text, "Dialup, Cable/DSL, Corporate, Cellular, Satellite",
     {{{"connection_type"}, {"traits", "connection_type"}}}},
    {Field::user_type, "user_type", text, "business, residential, school, …",
     {{{"traits", "user_type"}, {"user_type"}}}},
    {Field::mobile_country_code, "mobile_country_code", text, "MCC of the mobile network",
     {{{"mobile_country_code"}, {"traits", "mobile_country_code"}, {"mcc"}}}},
    {Field::mobile_network_code, "mobile_network_code", text, "MNC of the mobile network",
     {{{"mobile_network_code"}, {"traits", "mobile_network_code"}, {"mnc"}}}},
    {Field::is_anonymous, "is_anonymous", flag, "the address hides its user (VPN, proxy, Tor, hosting)",
     {{{"is_anonymous"}, {"traits", "is_anonymous"}}}},
    {Field::is_vpn, "is_vpn", flag, "anonymous VPN",
     {{{"is_anonymous_vpn"}, {"traits", "is_anonymous_vpn"}, {"is_vpn"}, {"vpn"}}}},
    {Field::is_hosting, "is_hosting", flag, "hosting or VPN provider",
     {{{"is_hosting_provider"}, {"traits", "is_hosting_provider"}, {"is_hosting"}, {"hosting"}}}},
    {Field::is_public_proxy, "is_public_proxy", flag, "public proxy",
     {{{"is_public_proxy"}, {"traits", "is_public_proxy"}, {"is_proxy"}, {"proxy"}}}},
    {Field::is_residential_proxy, "is_residential_proxy", flag, "residential proxy",
     {{{"is_residential_proxy"}, {"traits", "is_residential_proxy"}}}},
    {Field::is_tor, "is_tor", flag, "Tor exit node",
     {{{"is_tor_exit_node"}, {"traits", "is_tor_exit_node"}, {"is_tor"}, {"tor"}}}},
    {Field::is_anycast, "is_anycast", flag, "the address is in many places at once",
     {{{"traits", "is_anycast"}, {"is_anycast"}}}},
    {Field::anonymizer_confidence, "anonymizer_confidence", integer, "per cent certain of an anonymizer",
     {{{"anonymizer_confidence"}, {"anonymizer", "confidence"}}}},
    {Field::anonymizer, "anonymizer", text, "provider of the anonymizer",
     {{{"provider_name"}, {"anonymizer", "provider_name"}}}},
}};
// clang-format on

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].field) != i) return false;
  return true;
}
static_assert(in_order());

constexpr Fields range(Field first, Field last) { return (bit(last) << 1) - bit(first); }
constexpr Fields country_fields = range(Field::continent, Field::is_eu) | bit(Field::is_anycast);
constexpr Fields place_fields = country_fields | range(Field::subdivision, Field::average_income);
constexpr Fields carrier_fields = range(Field::asn, Field::mobile_network_code);
constexpr Fields anonymity_flags = range(Field::is_anonymous, Field::is_tor);
constexpr Fields anonymity_fields = anonymity_flags | bit(Field::anonymizer_confidence) | bit(Field::anonymizer);
constexpr Fields all_fields = bit(static_cast<Field>(field_count - 1)) * 2 - 1;

struct KindRow {
  std::string_view word;  ///< in the type's name
  DatabaseKind kind;
};
// The first whose word is in the name counts. Country and city files may have flags for anonymity in their
// traits, but say nothing by leaving them out.
constexpr KindRow kinds[] = {
    {"Enterprise", {all_fields, bit(Field::is_anycast), 0}},
    {"City", {place_fields | anonymity_fields, bit(Field::is_anycast), 0}},
    {"Country", {country_fields | anonymity_fields, bit(Field::is_anycast), 0}},
    {"Anonymous", {anonymity_fields, anonymity_flags, anonymity_flags}},
    {"Residential-Proxy", {anonymity_fields, 0, bit(Field::is_residential_proxy)}},
    {"Connection-Type", {bit(Field::connection_type), 0, 0}},
    {"Domain", {bit(Field::domain), 0, 0}},
    {"DensityIncome", {bit(Field::population_density) | bit(Field::average_income), 0, 0}},
    {"ISP", {carrier_fields, 0, 0}},
    {"ASN", {carrier_fields, 0, 0}},
};

}  // namespace

std::span<const FieldRow, field_count> field_rows() { return rows; }

DatabaseKind kind_of_type(std::string_view database_type) {
  for (const KindRow& row : kinds)
    if (database_type.find(row.word) != std::string_view::npos) return row.kind;
  return {all_fields, 0, 0};
}

bool in_european_union(std::string_view country) {
  static constexpr std::string_view members[] = {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES",
                                                 "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
                                                 "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"};
  return std::binary_search(std::begin(members), std::end(members), country);
}

}  // namespace personalize::geo
