// What it costs to know the visitor: each plugin on its own, and all of them, on a worker that has seen its
// visitors.
#include <benchmark/benchmark.h>

#include <array>
#include <fstream>
#include <memory_resource>
#include <string>
#include <vector>

#include "geo/recent_records.h"
#include "plugins/built_in.h"
#include "plugins/device/recent_devices.h"
#include "plugins/plugin_set.h"
#include "tests/unit/geo/mmdb_builder.h"

namespace personalize {
namespace {

using plugins::Header;

const std::array<std::string, 4>& user_agents() {
  static const std::array<std::string, 4> list = {
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
      "Safari/537.36",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      "Version/17.4.1 "
      "Mobile/15E148 Safari/604.1",
      "Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
      "Mobile "
      "Safari/537.36",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:125.0) Gecko/20100101 Firefox/125.0"};
  return list;
}

/// As many headers as a browser sends.
std::vector<Header> headers_of(const std::string& user_agent) {
  return {{"Host", "shop.example"},
          {"Connection", "keep-alive"},
          {"Upgrade-Insecure-Requests", "1"},
          {"User-Agent", user_agent},
          {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"},
          {"Sec-Fetch-Site", "same-origin"},
          {"Sec-Fetch-Mode", "navigate"},
          {"Sec-Fetch-Dest", "document"},
          {"Referer", "https://www.google.com/"},
          {"Accept-Encoding", "gzip, deflate, br"},
          {"Accept-Language", "en-GB,en;q=0.9,de;q=0.8"},
          {"Cookie", "session=0123456789abcdef0123456789abcdef; currency=GBP; visitor=v-12345678"}};
}

/// 20 000 networks with full city records.
const std::string& database_path() {
  static const geo::TemporaryFolder folder;
  static const std::string path = [] {
    geo::MmdbBuilder builder("GeoIP2-City");
    for (int i = 0; i < 20'000; ++i)
      builder.add("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24", geo::london_record());
    return folder.write("city.mmdb", builder.build());
  }();
  return path;
}

/// An engine's plugins with every attribute wanted that is not another's raw material.
class Context {
 public:
  /// `only`: of the built-in plugins. `third_party`: the file of one that resolves after them, or empty.
  explicit Context(std::string_view only = {}, const std::string& third_party = {}) : plugins_(settings()) {
    plugins::PluginSet::Errors errors;
    for (auto& plugin : plugins::built_in())
      if (only.empty() || plugin->name() == only) plugins_.add(std::move(plugin), schema_, errors);
    if (!third_party.empty()) plugins_.add({plugins::PluginFile::open(third_party), {}}, schema_, errors);
    schema_.add("profile.tier", {rules::Kind::string});
    schema_.add("profile.lifetime_value", {rules::Kind::real});
    std::vector<rules::AttributeId> used;
    for (std::string_view name : {"geo.country",
                                  "geo.city",
                                  "geo.latitude",
                                  "geo.longitude",
                                  "device.type",
                                  "device.os",
                                  "device.browser",
                                  "device.is_mobile",
                                  "request.path",
                                  "request.language",
                                  "request.referrer_class",
                                  "request.utm_source",
                                  "profile.tier",
                                  "profile.lifetime_value",
                                  "time.hour",
                                  "time.weekday",
                                  "time.daypart",
                                  "time.season",
                                  "store_hours.open",
                                  "loyalty.tier"})
      if (auto id = schema_.find(name)) used.push_back(*id);
    plugins_.activate(schema_, used, {}, errors);
  }

  void resolve(const plugins::Request& request) {
    std::array<std::byte, 16384> buffer;
    std::pmr::monotonic_buffer_resource memory(buffer.data(), buffer.size());
    rules::Context context(schema_, memory);
    for (const plugins::PluginSet::LoadedPlugin* loaded : plugins_.active()) {
      std::pmr::vector<plugins::Fetch> list(&memory);
      const std::string_view whose = plugins_.visitor(request, context).read();
      plugins::Fetches fetches(list, "personalize:", whose, context.values(), memory);
      loaded->plugin->needs(request, fetches);
      const plugins::Reply fields[] = {{.kind = plugins::Reply::Kind::string, .text = "gold"},
                                       {.kind = plugins::Reply::Kind::string, .text = "1234.5"}};
      const plugins::Reply profile{.kind = plugins::Reply::Kind::array, .elements = fields};
      const plugins::Reply points{.kind = plugins::Reply::Kind::string, .text = "1200"};
      const plugins::Reply& reply = loaded->name == "loyalty" ? points : profile;
      plugins::Attributes attributes(context.values(), plugins_.wanted(), loaded->first, memory);
      loaded->plugin->resolve(request, {&reply, list.size()}, attributes);
    }
    benchmark::DoNotOptimize(context[0]);
  }

 private:
  static plugins::Settings settings() {
    plugins::Settings settings;
    settings.geo_databases = {database_path()};
    return settings;
  }

  plugins::PluginSet plugins_;
  rules::Schema schema_;
};

void resolve_visitors(benchmark::State& state, std::string_view plugin, const std::string& third_party = {}) {
  Context context(plugin, third_party);
  std::vector<std::vector<Header>> headers;
  for (const std::string& user_agent : user_agents()) headers.push_back(headers_of(user_agent));
  std::vector<std::string> addresses;
  for (int i = 0; i < 64; ++i) addresses.push_back("10." + std::to_string(i) + "." + std::to_string(i * 3) + ".77");
  std::size_t i = 0;
  for (auto _ : state) {
    context.resolve({.method = "GET",
                     .scheme = "https",
                     .host = "shop.example",
                     .path = "/c/shoes",
                     .query = "utm_source=news&color=red",
                     .address = addresses[i % addresses.size()],
                     .visitor = "v-12345678",
                     .headers = headers[i % headers.size()],
                     .now_us = 1'795'341'600'000'000 + static_cast<std::int64_t>(i)});
    ++i;
  }
}

void geo_lookup(benchmark::State& state, bool ipv6) {
  const auto database = geo::Database::open(database_path());
  geo::RecentRecords recent(database, geo::bit(geo::Field::country) | geo::bit(geo::Field::city));
  const std::string text = ipv6 ? "::10.3.9.77" : "10.3.9.77";
  for (auto _ : state) {
    const auto address = geo::Address::parse(text);
    benchmark::DoNotOptimize(recent.facts(database->find(*address)).data());
  }
}

void geo_read(benchmark::State& state) {
  const auto database = geo::Database::open(database_path());
  const auto match = database->find(*geo::Address::parse("10.3.9.77"));
  std::vector<geo::Fact> facts;
  for (auto _ : state) {
    facts.clear();
    database->read(match, ~geo::Fields{0}, facts);
    benchmark::DoNotOptimize(facts.data());
  }
}

void device_cold(benchmark::State& state) {
  const auto parser = plugins::UserAgentParser::load(plugins::UserAgentParser::default_file);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto headers = headers_of(user_agents()[i++ % user_agents().size()]);
    benchmark::DoNotOptimize(plugins::describe(plugins::DeviceHeaders::of(headers), *parser));
  }
}

void device_cached(benchmark::State& state) {
  const auto parser = plugins::UserAgentParser::load(plugins::UserAgentParser::default_file);
  plugins::RecentDevices recent(4096, 8 << 20);
  std::vector<std::vector<Header>> headers;
  for (const std::string& user_agent : user_agents()) headers.push_back(headers_of(user_agent));
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(&recent.of(plugins::DeviceHeaders::of(headers[i++ % headers.size()]), *parser));
}

void device_load(benchmark::State& state) {
  std::ifstream file(plugins::UserAgentParser::default_file);
  const std::string yaml{std::istreambuf_iterator<char>(file), {}};
  for (auto _ : state) benchmark::DoNotOptimize(plugins::UserAgentParser(yaml));
}

BENCHMARK_CAPTURE(geo_lookup, ipv4, false);
BENCHMARK_CAPTURE(geo_lookup, ipv6, true);
BENCHMARK(geo_read);
BENCHMARK(device_cached);
BENCHMARK(device_cold);
BENCHMARK(device_load)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(resolve_visitors, geo, "geo");
BENCHMARK_CAPTURE(resolve_visitors, device, "device");
BENCHMARK_CAPTURE(resolve_visitors, request, "request");
BENCHMARK_CAPTURE(resolve_visitors, profile, "profile");
BENCHMARK_CAPTURE(resolve_visitors, time, "time");
BENCHMARK_CAPTURE(resolve_visitors, all, "");
BENCHMARK_CAPTURE(resolve_visitors, store_hours, "time", PERSONALIZE_SOURCE_DIR "/plugins/examples/store_hours.lua");
BENCHMARK_CAPTURE(resolve_visitors, loyalty, "none", PERSONALIZE_BUILD_DIR "/loyalty.so");

}  // namespace
}  // namespace personalize

BENCHMARK_MAIN();
