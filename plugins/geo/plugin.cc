#include "plugins/geo/plugin.h"

#include <iterator>

namespace personalize::plugins {
namespace {

rules::Type type_of(geo::FieldType type) {
  switch (type) {
    case geo::FieldType::text: return {rules::Kind::string};
    case geo::FieldType::integer: return {rules::Kind::int64};
    case geo::FieldType::real: return {rules::Kind::real};
    case geo::FieldType::flag: return {rules::Kind::boolean};
    case geo::FieldType::texts: return {rules::Kind::list, rules::Kind::string};
  }
  return {};
}

/// Texts are copied: the database may be replaced before the page is written.
struct ToValue {
  rules::Arena& arena;
  rules::Value operator()(bool flag) const { return rules::Value::boolean(flag); }
  rules::Value operator()(std::int64_t integer) const { return rules::Value::int64(integer); }
  rules::Value operator()(double real) const { return rules::Value::real(real); }
  rules::Value operator()(std::string_view text) const { return rules::Value::string(rules::copy(arena, text)); }
  rules::Value operator()(const std::vector<std::string_view>& texts) const {
    auto* list = static_cast<rules::Value*>(arena.allocate(texts.size() * sizeof(rules::Value), alignof(rules::Value)));
    for (std::size_t i = 0; i < texts.size(); ++i) new (list + i) rules::Value((*this)(texts[i]));
    return rules::Value::list({list, texts.size()});
  }
};

std::optional<double> number_of(const rules::Value& value) {
  switch (value.kind()) {
    case rules::Kind::real: return value.as_real();
    case rules::Kind::int64: return static_cast<double>(value.as_int64());
    case rules::Kind::uint64: return static_cast<double>(value.as_uint64());
    default: return std::nullopt;
  }
}

/// Between a point and the visitor, whose coordinates follow the point's.
rules::Value distance_km(std::span<const rules::Value> arguments) {
  double degrees[4];
  for (std::size_t i = 0; i < std::size(degrees); ++i) {
    const auto number = number_of(arguments[i]);
    if (!number) return rules::Value::error("geo.distance_km() needs numbers");
    degrees[i] = *number;
  }
  const geo::Point there{degrees[0], degrees[1]}, visitor{degrees[2], degrees[3]};
  if (!geo::valid(there)) return rules::Value::error("is not a place: latitude is -90 to 90, longitude -180 to 180");
  return rules::Value::real(geo::distance_km(there, visitor));
}

const char* refuse_degrees(std::size_t argument, const rules::Value& value) {
  const auto degrees = number_of(value);
  if (!degrees) return nullptr;
  if (argument == 0 && !geo::valid({*degrees, 0})) return "a latitude must be degrees from -90 to 90";
  if (argument == 1 && !geo::valid({0, *degrees})) return "a longitude must be degrees from -180 to 180";
  return nullptr;
}

}  // namespace

void GeoPlugin::configure(const Settings& settings) {
  for (const std::string& path : settings.geo_databases) {
    try {
      databases_->watched.emplace_back(path);
    } catch (const geo::LoadError& error) {
      throw ConfigurationError(error.what(), error.path);
    }
  }
}

bool GeoPlugin::take_over(const Plugin& serving) {
  databases_ = static_cast<const GeoPlugin&>(serving).databases_;
  return true;
}

void GeoPlugin::apply_rule_settings(const RuleSettings& settings) {
  stores_ = settings.stores;
  for (const rules::Store& store : stores_) store_places_.add({store.latitude, store.longitude});
}

std::span<const AttributeRow> GeoPlugin::attributes() const {
  static constexpr std::string_view continents[] = {"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
  static const std::vector<AttributeRow> rows = [] {
    std::vector<AttributeRow> all(derived_field);
    for (const geo::FieldRow& row : geo::field_rows())
      all[own(row.field)] = {row.name, type_of(row.type), row.description,
                             row.name == "continent" ? std::span(continents) : std::span<const std::string_view>()};
    all.push_back({"network", {rules::Kind::string}, "network that the address is known by"});
    all.push_back({"nearest_store.id", {rules::Kind::string}, "id of the nearest store"});
    all.push_back({"nearest_store.name", {rules::Kind::string}, "its name"});
    all.push_back({"nearest_store.distance_km", {rules::Kind::real}, "kilometres to it, as the crow flies"});
    return all;
  }();
  return rows;
}

std::span<const RoleRow> GeoPlugin::roles() const {
  static constexpr RoleRow rows[] = {
      {own(geo::Field::time_zone), rules::Role::visitor_time_zone},
      {own(geo::Field::country), rules::Role::country},
  };
  return rows;
}

std::span<const FunctionRow> GeoPlugin::functions() const {
  static constexpr rules::Type point[] = {{rules::Kind::real}, {rules::Kind::real}};
  static constexpr std::size_t coordinates[] = {own(geo::Field::latitude), own(geo::Field::longitude)};
  static constexpr FunctionRow rows[] = {
      {"distance_km", point, {rules::Kind::real}, coordinates, distance_km, refuse_degrees}};
  return rows;
}

void GeoPlugin::activate(Activation& activation) {
  for (const geo::FieldRow& row : geo::field_rows())
    if (activation.wants(own(row.field))) wanted_ |= geo::bit(row.field);
  using geo::Field;
  const geo::Fields coordinates = geo::bit(Field::latitude) | geo::bit(Field::longitude);
  for (std::size_t field : {store_id, store_name, store_distance_km})
    if (activation.wants(field)) wanted_ |= coordinates;
  if (wanted_ & geo::bit(Field::time_zone)) {
    wanted_ |= coordinates | geo::bit(Field::country);
    zones_ = geo::ZoneTable::read(geo::ZoneTable::default_file);
  }
  const std::lock_guard guard(databases_->lock);
  for (const geo::WatchedDatabase& database : databases_->watched) readers_.emplace_back(database.current(), wanted_);
}

void GeoPlugin::maintain(MaintenanceReport& report) {
  const std::lock_guard guard(databases_->lock);
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    geo::WatchedDatabase& database = databases_->watched[i];
    poll(database, report);
    if (readers_[i].database() != database.current()) readers_[i] = geo::RecentRecords(database.current(), wanted_);
  }
}

void GeoPlugin::poll(geo::WatchedDatabase& database, MaintenanceReport& report) {
  switch (database.poll()) {
    case geo::WatchedDatabase::Outcome::idle: break;
    case geo::WatchedDatabase::Outcome::busy: report.busy = true; break;
    case geo::WatchedDatabase::Outcome::replaced:
      ++databases_->replaced;
      report.notices.push_back("geo database \"" + database.path() + "\" was replaced");
      break;
    case geo::WatchedDatabase::Outcome::refused:
      ++databases_->refused;
      report.warnings.push_back("\"" + database.path() + "\": " + database.refusal() + "; the old one stays in use");
      break;
  }
}

void GeoPlugin::metrics(std::vector<Metric>& metrics) const {
  for (const geo::WatchedDatabase& database : databases_->watched)
    metrics.push_back({.name = "geo_database_built_timestamp_seconds",
                       .label = std::string(database.current()->type()),
                       .value = static_cast<double>(database.current()->built()),
                       .help = "When the geo database in use was built, of the oldest in any worker",
                       .label_name = "database",
                       .merge = Metric::Merge::lowest});
  metrics.push_back({.name = "geo_databases_replaced_total",
                     .label = {},
                     .value = static_cast<double>(databases_->replaced),
                     .help = "New geo databases that workers took in"});
  metrics.push_back({.name = "geo_databases_refused_total",
                     .label = {},
                     .value = static_cast<double>(databases_->refused),
                     .help = "New geo databases that workers could not use"});
}

void GeoPlugin::resolve(const Request& request, std::span<const Reply>, Attributes& attributes) const {
  const auto address = geo::Address::parse(request.address);
  Place place;
  const bool assumed = assumes_place(attributes);
  if (address) resolve_facts(*address, assumed ? contradicted_by(*address, attributes) : 0, place, attributes);
  if (assumed) assume_place(attributes, place);
  derive(place, attributes);
}

void GeoPlugin::resolve_facts(const geo::Address& address, geo::Fields contradicted, Place& place,
                              Attributes& attributes) const {
  for (geo::RecentRecords& reader : readers_) {
    const geo::Database::Match match = reader.database()->find(address);
    if (match.found && attributes.wants(network) && attributes.own(network).missing())
      attributes.set(network, rules::Value::string(rules::copy(attributes.arena(), geo::network_of(address, match))));
    for (const geo::Fact& fact : reader.facts(match)) {
      if ((geo::bit(fact.field) & contradicted) != 0) continue;
      if (attributes.own(own(fact.field)).missing())
        attributes.set(own(fact.field), std::visit(ToValue{attributes.arena()}, fact.value));
      note(fact, place);
    }
  }
}

bool GeoPlugin::assumes_place(const Attributes& attributes) {
  using geo::Field;
  return attributes.assumed(own(Field::country)) || attributes.assumed(own(Field::latitude)) ||
         attributes.assumed(own(Field::longitude));
}

/// What the address's own place says of another one: all, if it is in another country; else the zone, if other
/// coordinates are assumed.
geo::Fields GeoPlugin::contradicted_by(const geo::Address& address, const Attributes& attributes) const {
  using geo::Field;
  geo::Fields fields = 0;
  if (attributes.assumed(own(Field::latitude)) || attributes.assumed(own(Field::longitude)))
    fields |= geo::bit(Field::time_zone) | geo::bit(Field::accuracy_km);
  if (!attributes.assumed(own(Field::country))) return fields;
  const rules::Value& assumed = attributes.own(own(Field::country));
  for (const geo::RecentRecords& reader : readers_) {
    geo::RecentRecords countries(reader.database(), geo::bit(Field::country));
    for (const geo::Fact& fact : countries.facts(reader.database()->find(address)))
      if (assumed.is(rules::Kind::string) && std::get<std::string_view>(fact.value) == assumed.text()) return fields;
  }
  for (auto field = static_cast<std::size_t>(Field::continent); field <= own(Field::average_income); ++field)
    if (static_cast<Field>(field) != Field::registered_country) fields |= geo::bit(static_cast<Field>(field));
  return fields;
}

void GeoPlugin::assume_place(const Attributes& attributes, Place& place) {
  using geo::Field;
  const auto assume = [&](Field field, std::optional<double>& degrees) {
    if (attributes.assumed(own(field))) degrees = number_of(attributes.own(own(field)));
  };
  assume(Field::latitude, place.latitude);
  assume(Field::longitude, place.longitude);
  if (!attributes.assumed(own(Field::country))) return;
  const rules::Value& country = attributes.own(own(Field::country));
  place.country = country.is(rules::Kind::string) ? country.text() : std::string_view();
}

std::optional<geo::Point> GeoPlugin::Place::point() const {
  if (!latitude || !longitude) return std::nullopt;
  return geo::Point{*latitude, *longitude};
}

void GeoPlugin::note(const geo::Fact& fact, Place& place) const {
  if (fact.field == geo::Field::country && place.country.empty())
    place.country = std::get<std::string_view>(fact.value);
  if (fact.field == geo::Field::latitude && !place.latitude) place.latitude = std::get<double>(fact.value);
  if (fact.field == geo::Field::longitude && !place.longitude) place.longitude = std::get<double>(fact.value);
}

void GeoPlugin::derive(const Place& place, Attributes& attributes) const {
  const std::size_t time_zone = own(geo::Field::time_zone);
  if (zones_ && attributes.own(time_zone).missing())
    if (const auto zone = zones_->zone_of(place.country, place.point()); !zone.empty())
      attributes.set(time_zone, rules::Value::string(zone));

  const auto point = place.point();
  const bool wanted = attributes.wants(store_id) || attributes.wants(store_name) || attributes.wants(store_distance_km);
  if (!point || !wanted || store_places_.empty()) return;
  const auto nearest = store_places_.nearest(*point);
  attributes.set(store_id, rules::Value::string(stores_[nearest->index].id));
  attributes.set(store_name, rules::Value::string(stores_[nearest->index].name));
  attributes.set(store_distance_km, rules::Value::real(nearest->distance_km));
}

}  // namespace personalize::plugins
