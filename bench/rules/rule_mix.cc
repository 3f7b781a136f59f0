#include "bench/rules/rule_mix.h"

#include <array>
#include <random>
#include <span>
#include <string_view>

namespace personalize::bench {
namespace {

using rules::Kind;
using rules::Value;
using Names = std::span<const std::string_view>;

constexpr std::string_view countries[] = {"IE", "GB", "DE", "FR", "AT", "CH", "NL", "BE", "LU", "DK",
                                          "SE", "NO", "FI", "EE", "LV", "LT", "PL", "CZ", "SK", "HU",
                                          "SI", "HR", "IT", "ES", "PT", "GR", "RO", "BG", "US", "CA",
                                          "MX", "BR", "AR", "AU", "NZ", "JP", "KR", "IN", "ZA", "AE"};
constexpr std::size_t first_outside_eu = 28;
constexpr std::string_view cities[] = {"Dublin", "London", "Berlin", "Paris", "Wien", "Amsterdam", "Oslo", "Roma"};
constexpr std::string_view categories[] = {"tents", "boots", "jackets", "mugs", "stoves", "maps", "ropes", "lamps",
                                           "bikes", "packs", "socks",   "hats", "kayaks", "skis", "tools", "books"};
constexpr std::string_view devices[] = {"phone", "tablet", "desktop", "tv", "bot"};
constexpr std::string_view systems[] = {"iOS", "Android", "Windows", "Mac OS X", "Linux"};
constexpr std::string_view weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
constexpr std::string_view seasons[] = {"spring", "summer", "autumn", "winter"};
constexpr std::string_view tiers[] = {"none", "bronze", "silver", "gold", "platinum"};
constexpr std::string_view zones[] = {"Europe/Dublin", "Europe/Berlin", "America/New_York", "Asia/Tokyo"};

constexpr std::string_view head = R"yaml(version: 1
timezone: Europe/Dublin
attributes:
  profile:
    tier: string
    lifetime_value: double
    interests: list<string>
    first_name: string
slots:
  hero: { select: "#hero" }
  offer: { select: "[data-slot=offer]", pages: ["/*", "!/checkout/*"] }
  picks: { select: "#picks" }
  footer: { select: "footer .note" }
segments:
  vip: profile.lifetime_value > 1000.0
  new_here: "!has(profile.tier)"
  evening: time.hour >= 18 && time.hour < 23
  weekend: time.weekday in ["saturday", "sunday"]
  on_the_move: device.type == "phone" || device.type == "tablet"
  dach: geo.country in ["DE", "AT", "CH"]
  islands: geo.country in ["IE", "GB"]
  outdoor: profile.interests.exists(i, i in ["tents", "boots", "stoves"])
rules:
)yaml";
constexpr std::string_view segments[] = {"vip",         "new_here", "evening", "weekend",
                                         "on_the_move", "dach",     "islands", "outdoor"};
constexpr std::string_view slots[] = {"hero", "offer", "picks", "footer"};

/// The standard's distributions may differ from library to library; its generator may not.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : generator_(seed) {}
  std::size_t below(std::size_t bound) { return generator_() % bound; }
  bool percent(std::size_t chance) { return below(100) < chance; }
  std::string one_of(Names names) { return std::string(names[below(names.size())]); }
  std::string text_of(Names names) { return '"' + one_of(names) + '"'; }
  std::string some_of(Names names, std::size_t most) {
    std::string list;
    for (std::size_t count = 1 + below(most); count > 0; --count) list += (list.empty() ? "" : ", ") + text_of(names);
    return '[' + list + ']';
  }

 private:
  std::mt19937 generator_;
};

std::string pages(Chance& chance) {
  if (chance.percent(60)) return "[\"/c/" + chance.one_of(categories) + "/*\"]";
  if (chance.percent(75)) return "[\"/p/" + std::to_string(chance.below(5000)) + "\"]";
  return "[\"/*\", \"!/checkout/*\"]";
}

std::string geo(Chance& chance) {
  if (chance.percent(70)) return "geo.country in " + chance.some_of(countries, 4);
  if (chance.percent(70)) return "geo.city == " + chance.text_of(cities);
  return "geo.is_eu";
}

std::string device(Chance& chance) {
  if (chance.percent(40)) return "device.type == " + chance.text_of(devices);
  if (chance.percent(50)) return "device.os in " + chance.some_of(systems, 2);
  return "device.type != \"bot\"";
}

std::string time(Chance& chance) {
  if (chance.percent(30)) return "time.weekday in " + chance.some_of(weekdays, 3);
  if (chance.percent(30)) return "time.season == " + chance.text_of(seasons);
  const std::size_t hour = chance.below(20);
  return "time.hour >= " + std::to_string(hour) + " && time.hour < " + std::to_string(hour + 4);
}

std::string profile(Chance& chance) {
  if (chance.percent(40)) return "profile.tier in " + chance.some_of(tiers, 2);
  if (chance.percent(40)) return "profile.lifetime_value > " + std::to_string(chance.below(40) * 50) + ".0";
  if (chance.percent(60)) return chance.text_of(categories) + " in profile.interests";
  return "has(profile.first_name)";
}

std::string schedule(Chance& chance) {
  const std::size_t month = 1 + chance.below(12), hour = chance.below(18);
  const auto two_digits = [](std::size_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string text = "{ from: 2026-" + two_digits(month) + "-01, until: 2027-" + two_digits(month) + "-15";
  if (chance.percent(50)) text += ", hours: \"" + two_digits(hour) + ":00-" + two_digits(hour + 6) + ":00\"";
  if (chance.percent(30)) text += ", weekdays: mon-fri";
  if (chance.percent(33)) text += ", timezone: visitor";
  return text + " }";
}

std::string rule(std::size_t number, Chance& chance) {
  std::string text = "  - id: rule-" + std::to_string(number) + "\n    slot: " + std::string(slots[number % 4]) +
                     "\n    priority: " + std::to_string(chance.below(10)) + "\n";
  std::string when;
  const auto add = [&](const std::string& condition) { when += (when.empty() ? "" : " && ") + condition; };
  if (number % 200 != 199) {
    if (chance.percent(50)) text += "    pages: " + pages(chance) + "\n";
    if (chance.percent(60)) add(geo(chance));
    if (chance.percent(40)) add(device(chance));
    if (chance.percent(25)) add(time(chance));
    if (chance.percent(15)) text += "    schedule: " + schedule(chance) + "\n";
    if (chance.percent(10)) add("segments." + chance.one_of(segments));
    if (when.empty() || chance.percent(45)) add(profile(chance));
  }
  if (!when.empty()) text += "    when: '" + when + "'\n";
  return text + "    do:\n      inner: <a class=\"banner\" href=\"/c/" + chance.one_of(categories) + "\">Number " +
         std::to_string(number) + " for {{geo.city}}</a>\n";
}

}  // namespace

rules::Schema shop_schema() {
  rules::Schema schema;
  for (std::string_view name : {"geo.country", "geo.city", "geo.time_zone", "device.type", "device.os", "time.weekday",
                                "time.season", "request.path"})
    schema.add(name, {Kind::string});
  schema.add("geo.is_eu", {Kind::boolean});
  schema.add("time.hour", {Kind::int64});
  return schema;
}

std::string rule_file(std::size_t rules, std::uint32_t seed) {
  Chance chance(seed);
  std::string text(head);
  for (std::size_t number = 0; number < rules; ++number) text += rule(number, chance);
  return text;
}

std::vector<Visitor> visitors(std::size_t count, std::uint32_t seed) {
  constexpr std::int64_t first_day = 1'790'000'000;  // in September 2026
  Chance chance(seed);
  std::vector<Visitor> all(count);
  for (Visitor& visitor : all) {
    const std::size_t country = chance.below(std::size(countries));
    visitor.path = chance.percent(60) ? "/c/" + chance.one_of(categories) + "/" + std::to_string(chance.below(9))
                                      : "/p/" + std::to_string(chance.below(5000));
    visitor.zone = chance.one_of(zones);
    visitor.country = countries[country];
    visitor.city = chance.one_of(cities);
    visitor.in_eu = country < first_outside_eu;
    visitor.device = chance.one_of(devices);
    visitor.os = chance.one_of(systems);
    visitor.weekday = chance.one_of(weekdays);
    visitor.season = chance.one_of(seasons);
    visitor.hour = static_cast<std::int64_t>(chance.below(24));
    visitor.now_us = (first_day + static_cast<std::int64_t>(chance.below(365 * 86'400))) * 1'000'000;
    visitor.has_profile = chance.percent(70);
    visitor.tier = chance.one_of(tiers);
    visitor.first_name = "Maeve";
    visitor.lifetime_value = static_cast<double>(chance.below(2000));
    for (int i = 0; i < 3; ++i) visitor.interests.push_back(chance.one_of(categories));
  }
  return all;
}

rules::Context Visitor::context(const rules::Schema& schema, rules::Arena& arena) const {
  rules::Context context(schema, arena);
  const auto set = [&](std::string_view name, Value value) { context.set(schema.find(name).value(), value); };
  for (const auto& [name, text] : {std::pair<std::string_view, const std::string*>{"geo.country", &country},
                                   {"geo.city", &city},
                                   {"geo.time_zone", &zone},
                                   {"device.type", &device},
                                   {"device.os", &os},
                                   {"time.weekday", &weekday},
                                   {"time.season", &season},
                                   {"request.path", &path}})
    set(name, Value::string(*text));
  set("geo.is_eu", Value::boolean(in_eu));
  set("time.hour", Value::int64(hour));
  if (!has_profile) return context;
  set("profile.tier", Value::string(tier));
  set("profile.lifetime_value", Value::real(lifetime_value));
  set("profile.first_name", Value::string(first_name));
  auto* list = static_cast<Value*>(arena.allocate(interests.size() * sizeof(Value), alignof(Value)));
  for (std::size_t i = 0; i < interests.size(); ++i) new (list + i) Value(Value::string(interests[i]));
  set("profile.interests", Value::list({list, interests.size()}));
  return context;
}

}  // namespace personalize::bench
