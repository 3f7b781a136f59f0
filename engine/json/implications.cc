#include "engine/json/implications.h"

#include <unicode/locid.h>
#include <unicode/region.h>

#include <charconv>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "geo/field.h"

namespace personalize::engine::json {
namespace {

using rules::Value;

struct Continent {
  const char* region;  ///< by the United Nations' number
  std::string_view code, name;
};
constexpr Continent continents[] = {
    // the smaller ones first
    {"005", "SA", "South America"}, {"019", "NA", "North America"}, {"002", "AF", "Africa"},
    {"142", "AS", "Asia"},          {"150", "EU", "Europe"},        {"009", "OC", "Oceania"},
};
constexpr Continent antarctica = {"", "AN", "Antarctica"}, europe = {"150", "EU", "Europe"};

const Continent* continent_of(const std::string& country) {
  if (country == "AQ") return &antarctica;
  if (country == "CY") return &europe;  // as in geo databases
  UErrorCode status = U_ZERO_ERROR;
  const icu::Region* region = icu::Region::getInstance(country.c_str(), status);
  if (U_FAILURE(status) || region->getType() != URGN_TERRITORY) return nullptr;
  for (const Continent& continent : continents) {
    const icu::Region* whole = icu::Region::getInstance(continent.region, status);
    if (U_SUCCESS(status) && whole->contains(*region)) return &continent;
  }
  return nullptr;
}

void follow_country(Suppositions& suppositions) {
  const auto country = suppositions.text("geo.country");
  if (!country) return;
  rules::Arena& arena = suppositions.arena();
  suppositions.imply("geo.is_eu", Value::boolean(geo::in_european_union(*country)));
  const Continent* continent = continent_of(std::string(*country));
  if (!continent) return;
  suppositions.imply("geo.continent", Value::string(continent->code));
  suppositions.imply("geo.continent_name", Value::string(continent->name));
  icu::UnicodeString name;
  std::string utf8;
  icu::Locale("", std::string(*country).c_str()).getDisplayCountry(icu::Locale::getEnglish(), name);
  suppositions.imply("geo.country_name", Value::string(rules::copy(arena, name.toUTF8String(utf8))));
}

void follow_store(Suppositions& suppositions, const rules::Settings& shop) {
  const auto id = suppositions.text("geo.nearest_store.id"), name = suppositions.text("geo.nearest_store.name");
  rules::Arena& arena = suppositions.arena();
  for (const rules::Store& store : shop.stores) {
    if (id && store.id == *id)
      suppositions.imply("geo.nearest_store.name", Value::string(rules::copy(arena, store.name)));
    if (name && store.name == *name)
      suppositions.imply("geo.nearest_store.id", Value::string(rules::copy(arena, store.id)));
  }
}

void follow_device(Suppositions& suppositions) {
  if (const auto bot = suppositions.find("device.is_bot"); bot && bot->is_true())
    suppositions.imply("device.type", Value::string("bot"));
  if (const auto type = suppositions.text("device.type")) {
    const bool carried = *type == "phone" || *type == "tablet";
    suppositions.imply("device.is_bot", Value::boolean(*type == "bot"));
    suppositions.imply("device.is_mobile", Value::boolean(carried));
    suppositions.imply("device.is_touch", Value::boolean(carried || *type == "wearable"));
  }
  for (const auto& [version, major] : {std::pair("device.os_version", "device.os_major"),
                                       std::pair("device.browser_version", "device.browser_major")}) {
    const auto text = suppositions.text(version);
    if (!text) continue;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error == std::errc()) suppositions.imply(major, Value::int64(number));
  }
}

void follow_weather(Suppositions& suppositions) {
  const auto condition = suppositions.text("weather.condition");
  if (!condition) return;
  const bool rain = *condition == "rain" || *condition == "drizzle" || *condition == "thunderstorm";
  suppositions.imply("weather.raining", Value::boolean(rain));
  suppositions.imply("weather.snowing", Value::boolean(*condition == "snow"));
}

void follow_time(Suppositions& suppositions) {
  if (const auto zone = suppositions.text("time.zone")) suppositions.imply("geo.time_zone", Value::string(*zone));
  rules::Arena& arena = suppositions.arena();
  if (const auto holiday = suppositions.text("time.holiday")) {
    auto* names = static_cast<Value*>(arena.allocate(sizeof(Value), alignof(Value)));
    new (names) Value(Value::string(*holiday));
    suppositions.imply("time.holidays", Value::list({names, holiday->empty() ? 0u : 1u}));
  }
  if (const auto all = suppositions.find("time.holidays"); all && all->is(rules::Kind::list))
    suppositions.imply("time.holiday", all->as_list().empty() ? Value::string("") : all->as_list().front());
}

}  // namespace

void add_implications(Suppositions& suppositions, const rules::Settings& shop) {
  follow_country(suppositions);
  follow_store(suppositions, shop);
  follow_device(suppositions);
  follow_weather(suppositions);
  follow_time(suppositions);
}

}  // namespace personalize::engine::json
