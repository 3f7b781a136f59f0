#include <gtest/gtest.h>

#include <limits>

#include "plugins/geo/plugin.h"
#include "plugins/weather/plugin.h"
#include "plugins/weather/report.h"
#include "tests/unit/geo/mmdb_builder.h"
#include "tests/unit/plugins/resolved.h"

namespace personalize::plugins {
namespace {

constexpr const char* open_meteo = R"({"latitude":51.5,"longitude":-0.1,"utc_offset_seconds":0,
  "current_units":{"time":"iso8601","temperature_2m":"°C","wind_speed_10m":"km/h"},
  "current":{"time":"2026-11-22T10:00","interval":900,"temperature_2m":11.4,"relative_humidity_2m":87,
  "apparent_temperature":9.1,"is_day":1,"rain":0.4,"showers":0.0,"snowfall":0.0,"weather_code":61,"wind_speed_10m":14.2}})";

constexpr const char* open_weather_map = R"({"coord":{"lon":10.99,"lat":44.34},
  "weather":[{"id":501,"main":"Rain","description":"moderate rain","icon":"10n"}],
  "main":{"temp":298.48,"feels_like":298.74,"temp_min":297.56,"pressure":1015,"humidity":64},
  "visibility":10000,"wind":{"speed":5,"deg":349},"rain":{"1h":3.16},"dt":1661870592,
  "sys":{"country":"IT","sunrise":1661834187,"sunset":1661882248},"name":"Zocca","cod":200})";

TEST(Weather, IsReadFromOpenMeteo) {
  const auto report = parse_weather(WeatherFormat::open_meteo, open_meteo);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->get("condition"), static_cast<double>(Condition::rain));
  EXPECT_TRUE(report->is_true("raining"));
  EXPECT_FALSE(report->is_true("snowing"));
  EXPECT_TRUE(report->is_true("is_day"));
  EXPECT_EQ(*report->get("temperature_c"), 11.4);
  EXPECT_EQ(*report->get("feels_like_c"), 9.1);
  EXPECT_EQ(*report->get("wind_kmh"), 14.2);
  EXPECT_FLOAT_EQ(*report->get("humidity"), 87);
}

TEST(Weather, IsReadFromOpenMeteosOlderFormAndOtherUnits) {
  const auto old = parse_weather(WeatherFormat::open_meteo, R"({"current_weather":
      {"temperature":-3.5,"windspeed":20,"weathercode":73,"is_day":0,"time":"2026-01-01T00:00"}})");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->get("condition"), static_cast<double>(Condition::snow));
  EXPECT_TRUE(old->is_true("snowing"));
  EXPECT_FALSE(old->is_true("is_day"));
  EXPECT_FALSE(old->get("humidity"));
  const auto american = parse_weather(WeatherFormat::open_meteo,
                                      R"({"current_units":{"temperature_2m":"°F","wind_speed_10m":"mp/h"},
      "current":{"temperature_2m":50,"wind_speed_10m":10,"weather_code":0}})");
  ASSERT_TRUE(american);
  EXPECT_FLOAT_EQ(*american->get("temperature_c"), 10);
  EXPECT_EQ(*american->get("wind_kmh"), 16.09);
}

TEST(Weather, IsReadFromOpenWeatherMap) {
  const auto report = parse_weather(WeatherFormat::open_weather_map, open_weather_map);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->get("condition"), static_cast<double>(Condition::rain));
  EXPECT_FALSE(report->is_true("is_day")) << "by the icon";
  EXPECT_EQ(*report->get("temperature_c"), 25.33) << "Kelvin";
  EXPECT_FLOAT_EQ(*report->get("wind_kmh"), 18);
  EXPECT_FLOAT_EQ(*report->get("humidity"), 64);
  const auto metric = parse_weather(WeatherFormat::open_weather_map,
                                    R"({"main":{"temp":12.5},"dt":50,"sys":{"sunrise":10,"sunset":60}})");
  ASSERT_TRUE(metric);
  EXPECT_FLOAT_EQ(*metric->get("temperature_c"), 12.5f);
  EXPECT_FALSE(metric->get("condition"));
  EXPECT_TRUE(metric->is_true("is_day"));
}

TEST(Weather, IsNotKnownWhereTheServiceDoesNotSayIt) {
  const auto yes_no = [](const std::optional<WeatherReport>& report) {
    std::string text;
    for (const char* field : {"raining", "snowing", "is_day"}) {
      const auto value = report->get(field);
      (text += !value ? "?" : *value == 1 ? "yes" : "no") += ' ';
    }
    return text;
  };
  const auto meteo = [&](const std::string& more) {
    return yes_no(parse_weather(WeatherFormat::open_meteo, R"({"current":{"temperature_2m":5)" + more + "}}"));
  };
  EXPECT_EQ(meteo(""), "? ? ? ");
  EXPECT_EQ(meteo(R"(,"is_day":null,"rain":null,"showers":null,"snowfall":null,"weather_code":null)"), "? ? ? ");
  EXPECT_EQ(meteo(R"(,"rain":0)"), "no ? ? ");
  EXPECT_EQ(meteo(R"(,"rain":0,"showers":0.1,"weather_code":3,"is_day":0)"), "yes no no ");
  EXPECT_EQ(meteo(R"(,"weather_code":3,"is_day":1)"), "no no yes ");
  EXPECT_EQ(meteo(R"(,"weather_code":42,"is_day":7)"), "? ? ? ") << "no such code, no such flag";
  EXPECT_EQ(meteo(R"(,"weather_code":75,"rain":-1)"), "no yes ? ");
  const auto map = [&](const std::string& more) {
    return yes_no(parse_weather(WeatherFormat::open_weather_map, R"({"main":{"temp":5})" + more + "}"));
  };
  EXPECT_EQ(map(""), "? ? ? ");
  EXPECT_EQ(map(R"(,"rain":{},"snow":{},"weather":[])"), "? ? ? ") << "an empty object says nothing";
  EXPECT_EQ(map(R"(,"rain":{"1h":0.2})"), "yes ? ? ");
  EXPECT_EQ(map(R"(,"rain":{"3h":0.2},"snow":{"1h":0})"), "yes no ? ");
  EXPECT_EQ(map(R"(,"weather":[{"id":701,"icon":"50n"},{"id":500}])"), "yes no no ") << "all weathers of a report";
  EXPECT_EQ(map(R"(,"weather":[{"id":211,"icon":"11d"}])"), "no no yes ") << "a thunderstorm without rain";
  EXPECT_EQ(map(R"(,"weather":[{"id":201}])"), "yes no ? ");
  EXPECT_EQ(map(R"(,"weather":[{"id":616,"icon":"x"}])"), "yes yes ? ") << "rain and snow";
  EXPECT_EQ(map(R"(,"weather":[{"id":601}],"dt":50,"sys":{"sunrise":0,"sunset":0})"), "no yes ? ") << "in polar night";
  EXPECT_EQ(map(R"(,"weather":[{"id":800.5},{"id":"500"},7])"), "? ? ? ");
}

TEST(Weather, IsNotReadFromNonsense) {
  for (const char* text :
       {"", "null", "[]", "5", "{", "{}", R"({"error":true,"reason":"x"})", R"({"current":5})", R"({"main":[]})",
        R"({"current":{"temperature_2m":"warm"}})", R"({"current":{"temperature_2m":1e9}})",
        R"({"cod":401,"message":"Invalid API key"})", R"({"current":{}})", "<html>"}) {
    EXPECT_FALSE(parse_weather(WeatherFormat::open_meteo, text)) << text;
    EXPECT_FALSE(parse_weather(WeatherFormat::open_weather_map, text)) << text;
  }
  EXPECT_FALSE(parse_weather(WeatherFormat::open_meteo, std::string(50'000, '[')));
  EXPECT_FALSE(parse_weather(WeatherFormat::open_meteo, open_meteo + std::string(max_weather_bytes, ' ')));
  const auto odd = parse_weather(
      WeatherFormat::open_meteo,
      R"({"current":{"temperature_2m":5,"weather_code":1e300,"wind_speed_10m":-5,"relative_humidity_2m":900}})");
  ASSERT_TRUE(odd);
  EXPECT_FALSE(odd->get("condition"));
  EXPECT_FALSE(odd->get("wind_kmh"));
  EXPECT_FALSE(odd->get("humidity"));
}

TEST(Weather, HasEveryCodeOfBothServices) {
  for (int code :
       {0, 1, 2, 3, 45, 48, 51, 53, 55, 56, 57, 61, 63, 65, 66, 67, 71, 73, 75, 77, 80, 81, 82, 85, 86, 95, 96, 99})
    EXPECT_NE(condition_of_wmo_code(code), Condition::unknown) << code;
  EXPECT_EQ(condition_of_wmo_code(80), Condition::rain);
  EXPECT_EQ(condition_of_wmo_code(86), Condition::snow);
  EXPECT_EQ(condition_of_wmo_code(42), Condition::unknown);
  EXPECT_EQ(condition_of_owm_code(211), Condition::thunderstorm);
  EXPECT_EQ(condition_of_owm_code(310), Condition::drizzle);
  EXPECT_EQ(condition_of_owm_code(622), Condition::snow);
  EXPECT_EQ(condition_of_owm_code(741), Condition::fog);
  EXPECT_EQ(condition_of_owm_code(800), Condition::clear);
  EXPECT_EQ(condition_of_owm_code(804), Condition::clouds);
  EXPECT_EQ(condition_of_owm_code(-1), Condition::unknown);
}

TEST(WeatherCell, IsATenthOfADegree) {
  EXPECT_EQ(WeatherCell::of(51.5142, -0.0931), (WeatherCell{515, -1}));
  EXPECT_EQ(WeatherCell::of(-33.86, 151.21), (WeatherCell{-339, 1512}));
  EXPECT_EQ(WeatherCell::of(0, -180), WeatherCell::of(0, 180));
  EXPECT_FALSE(WeatherCell::of(91, 0));
  EXPECT_FALSE(WeatherCell::of(std::numeric_limits<double>::quiet_NaN(), 0));
  EXPECT_EQ(weather_query(WeatherFormat::open_weather_map, {515, -1}), "lat=51.5&lon=-0.1&units=metric");
  EXPECT_EQ(weather_query(WeatherFormat::open_meteo, {515, -1}),
            "latitude=51.5&longitude=-0.1&current=temperature_2m,apparent_temperature,relative_humidity_2m,is_day,rain,"
            "showers,snowfall,weather_code,wind_speed_10m");
}

class OneReport : public WeatherSource {
 public:
  std::optional<WeatherReport> find(WeatherCell cell, std::int64_t) override {
    asked = cell;
    return report;
  }
  std::optional<WeatherReport> report;
  WeatherCell asked;
};

TEST(WeatherPlugin, AsksForTheVisitorsCell) {
  geo::TemporaryFolder folder;
  OneReport source;
  source.report = parse_weather(WeatherFormat::open_meteo, open_meteo);
  source.report->fetched_us = 1'000'000'000;
  Settings settings;
  settings.geo_databases = {
      folder.write("city.mmdb", geo::MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", geo::london_record()).build())};
  settings.weather = &source;
  std::vector<std::unique_ptr<BuiltInPlugin>> plugins;
  plugins.push_back(std::make_unique<GeoPlugin>());
  plugins.push_back(std::make_unique<WeatherPlugin>());
  Resolved weather(std::move(plugins), settings);
  weather.resolve({.address = "192.0.2.1", .now_us = 1'090'500'000});
  EXPECT_EQ(source.asked, (WeatherCell{515, -1}));
  EXPECT_EQ(weather.text("weather.condition"), "rain");
  EXPECT_TRUE(weather["weather.raining"].as_bool());
  EXPECT_EQ(weather["weather.age_s"].as_int64(), 90);
  EXPECT_EQ(weather["weather.temperature_c"].as_real(), 11.4) << "as the service sent it";

  weather.resolve({.address = "198.51.100.1"});
  EXPECT_TRUE(weather["weather.raining"].missing()) << "no place, no weather";
  source.report.reset();
  weather.resolve({.address = "192.0.2.1"});
  EXPECT_TRUE(weather["weather.raining"].missing());
}

TEST(WeatherPlugin, IsMissingWithoutASource) {
  auto weather = Resolved::of<WeatherPlugin>();
  weather.resolve({});
  EXPECT_TRUE(weather["weather.temperature_c"].missing());
}

}  // namespace
}  // namespace personalize::plugins
