// `personalize explain --set`: what follows from what is supposed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/explain.h"
#include "cli/weather_file.h"
#include "engine/json/json.h"
#include "tests/unit/geo/mmdb_builder.h"

namespace personalize::cli {
namespace {

using engine::json::Json;
using testing::HasSubstr;

/// Rules of a shop, and what it is explained with.
class Suppose : public testing::Test {
 protected:
  Suppose() { std::filesystem::create_directories(folder_); }
  ~Suppose() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  struct Answer {
    int status;
    Json json;
    std::string errors;
  };
  /// With rules of which one uses these attributes.
  Answer explain(const std::vector<std::string>& used, const std::vector<std::string>& set,
                 const std::string& more = {}) const {
    std::string content;
    for (const std::string& name : used) content += "{{" + name + " | json}}";
    const std::string rules = "version: 1\nslots: { a: { select: '#a' }, b: { select: '#b' } }\n" + more +
                              "  - { id: uses, slot: a, do: { inner: '" + content + "' } }\n";
    ExplainOptions options{.rules = {write("rules.yaml", rules)}, .settings = settings_, .json = true};
    options.url = "https://shop.example/c/tents?color=red&size=m";
    options.address = "192.0.2.1";
    options.at = "2026-06-03T10:20:30Z";  // a Wednesday
    options.headers = headers_;
    options.attributes = set;
    std::istringstream in;
    std::ostringstream out, errors;
    const int status = cli::explain(options, in, out, errors);
    return {status, Json::parse(out.str(), nullptr, false), errors.str()};
  }
  /// Values of the attributes, as JSON in one line.
  std::string values(const std::vector<std::string>& used, std::vector<std::string> set,
                     const std::string& more = "rules:\n") const {
    std::ranges::sort(set);
    const Answer answer = explain(used, set, more);
    if (answer.status != 0) return answer.errors;
    std::string line;
    for (const std::string& name : used) line += (line.empty() ? "" : " ") + answer.json["attributes"][name].dump();
    while (std::ranges::next_permutation(set).found)
      EXPECT_EQ(explain(used, set, more).json, answer.json) << "in another order of --set";
    return line;
  }
  std::string refusal(const std::string& set) const {
    const Answer answer = explain({}, {set}, "rules:\n");
    EXPECT_EQ(answer.status, 1);
    return answer.errors;
  }
  /// Whether a rule of slot b with that schedule wins.
  bool wins(const std::string& schedule, const std::vector<std::string>& set) const {
    const std::string rule = "rules:\n  - { id: then, slot: b, schedule: { " + schedule + " }, do: remove }\n";
    const Answer answer = explain({"time.hour"}, set, rule);
    return answer.status == 0 && answer.json["slots"][1]["candidates"][0]["won"];
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("suppose_test." + std::to_string(getpid()));
  plugins::HostSettings settings_;
  std::vector<std::string> headers_;
};

TEST_F(Suppose, AZoneMovesTheClockAndSchedules) {
  for (const char* zone : {"geo.time_zone=Asia/Tokyo", "time.zone=Asia/Tokyo", "geo.country=JP"})
    EXPECT_EQ(values({"time.zone", "time.hour", "time.daypart", "geo.time_zone"}, {zone}),
              R"("Asia/Tokyo" 19 "evening" "Asia/Tokyo")")
        << zone;
  const std::string evening = "hours: '19:00-20:00', timezone: visitor";
  EXPECT_TRUE(wins(evening, {"geo.time_zone=Asia/Tokyo"}));
  EXPECT_TRUE(wins(evening, {"time.zone=Asia/Tokyo"}));
  EXPECT_TRUE(wins(evening, {"geo.country=JP"}));
  EXPECT_FALSE(wins(evening, {"geo.time_zone=Europe/London"}));
}

TEST_F(Suppose, CoordinatesMoveTheNearestStoreTheZoneAndTheWeather) {
  const std::string stores =
      "stores: [{ id: dub, name: Dublin, latitude: 53.35, longitude: -6.26 },"
      " { id: ork, name: Cork, latitude: 51.9, longitude: -8.47 }]\nrules:\n";
  const std::vector<std::string> store{"geo.nearest_store.id", "geo.nearest_store.name"};
  EXPECT_EQ(values(store, {"geo.latitude=53.3", "geo.longitude=-6.3"}, stores), R"("dub" "Dublin")");
  EXPECT_EQ(values(store, {"geo.latitude=51.8", "geo.longitude=-8"}, stores), R"("ork" "Cork")");
  EXPECT_EQ(values(store, {"geo.latitude=53.3"}, stores), "null null");
  EXPECT_EQ(values(store, {"geo.nearest_store.id=ork"}, stores), R"("ork" "Cork")");
  EXPECT_EQ(values({"time.zone"}, {"geo.country=US", "geo.latitude=34", "geo.longitude=-118"}),
            R"("America/Los_Angeles")");
  EXPECT_EQ(values({"time.season"}, {"geo.latitude=-33.9"}), R"("winter")");

  WeatherFile weather(write("weather.json", R"({"current": {"temperature_2m": 11.5, "weather_code": 61}})"));
  settings_.weather = &weather;
  const std::vector<std::string> sky{"weather.temperature_c", "weather.raining"};
  EXPECT_EQ(values(sky, {"geo.latitude=53.3", "geo.longitude=-6.3"}), "11.5 true");
  EXPECT_EQ(values(sky, {"weather.condition=clear"}), "null false");
  EXPECT_THAT(explain(sky, {"geo.country=IE"}, "rules:\n").json["notes"].dump(),
              HasSubstr("the visitor's place is not known: add --set geo.latitude="));
}

TEST_F(Suppose, ACountryMovesWhatFollowsFromIt) {
  const std::vector<std::string> used{"geo.continent", "geo.country_name", "geo.is_eu", "time.zone"};
  EXPECT_EQ(values(used, {"geo.country=AT"}), R"("EU" "Austria" true "Europe/Vienna")");
  EXPECT_EQ(values(used, {"geo.country=MX", "geo.is_eu=true"}), R"("NA" "Mexico" true "UTC")");
  EXPECT_EQ(values(used, {"geo.country=BR", "geo.continent=AF"}), R"("AF" "Brazil" false "UTC")");
  settings_.consent.required = true;
  settings_.consent.permissive_countries = {"US"};
  EXPECT_EQ(values({"consent.personalization", "consent.source"}, {"geo.country=US"}), R"(true "country")");
  EXPECT_EQ(values({"consent.personalization", "consent.source"}, {"geo.country=US", "consent.gpc=true"}),
            R"(false "gpc")");
}

TEST_F(Suppose, WhatTheAddressIsKnownForStaysWhereItIsNotContradicted) {
  settings_.geo_databases = {
      write("city.mmdb", geo::MmdbBuilder("GeoIP2-City").add("192.0.2.0/24", geo::london_record()).build())};
  const std::vector<std::string> used{"geo.city", "geo.country_name", "geo.latitude", "time.zone"};
  const std::string london = values(used, {"geo.country=GB"});
  EXPECT_THAT(london, HasSubstr("\"Europe/London\""));
  EXPECT_THAT(london, testing::StartsWith("\"London\" \"United Kingdom\" 51."));
  EXPECT_EQ(values(used, {"geo.country=JP"}), R"(null "Japan" null "Asia/Tokyo")");
  EXPECT_EQ(values(used, {"geo.country=null"}), "null null null \"UTC\"");
  EXPECT_EQ(values({"geo.city", "time.zone"}, {"geo.country=US", "geo.latitude=34", "geo.longitude=-118"}),
            R"(null "America/Los_Angeles")");
  EXPECT_EQ(values({"geo.city", "geo.country"}, {"geo.city=York"}), R"("York" "GB")");
  EXPECT_EQ(values({"time.zone"}, {"geo.time_zone=null"}), R"("UTC")");
}

TEST_F(Suppose, TheMomentMovesTheWholeClockHolidaysAndSchedules) {
  const std::string holidays = "holidays: { christmas: ['12-24..12-26'] }\nrules:\n";
  const std::vector<std::string> used{"time.now",     "time.date",   "time.hour",
                                      "time.weekday", "time.season", "time.holiday"};
  const std::string christmas = R"("2026-12-25T22:30:00Z" "2026-12-25" 22 "friday" "winter" "christmas")";
  for (const char* now : {"time.now=2026-12-25T22:30:00Z", "time.now=\"2026-12-25T22:30Z\"",
                          "time.now=2026-12-25T23:30+01:00", "time.now=1798237800"})
    EXPECT_EQ(values(used, {now}, holidays), christmas) << now;
  EXPECT_EQ(values({"time.date", "time.hour"}, {"time.now=2026-12-25T22:30:00Z", "geo.time_zone=Asia/Tokyo"}),
            R"("2026-12-26" 7)");
  EXPECT_EQ(values({"time.date", "time.hour"}, {"time.now=2026-12-25"}), R"("2026-12-25" 0)");
  EXPECT_TRUE(wins("from: 2026-12-25, until: 2026-12-26", {"time.now=2026-12-25T10:00:00Z"}));
}

TEST_F(Suppose, AHolidayIsOneOfTheRuleFiles) {
  const std::string holidays = "holidays: { christmas: [12-25], easter: [2027-03-28] }\nrules:\n";
  const std::vector<std::string> used{"time.holiday", "time.holidays"};
  EXPECT_EQ(values(used, {"time.holiday=easter"}, holidays), R"("easter" ["easter"])");
  EXPECT_EQ(values(used, {R"(time.holidays=["easter", "christmas"])"}, holidays), R"("easter" ["easter","christmas"])");
  EXPECT_EQ(values(used, {"time.holiday="}, holidays), R"("" [])");
  EXPECT_EQ(values(used, {"time.date=2026-12-25"}, holidays), R"("christmas" ["christmas"])");
  for (const char* wrong : {"time.holiday=chrismas", R"(time.holidays=["easter", "chrismas"])"})
    EXPECT_THAT(values(used, {wrong}, holidays), HasSubstr("\"chrismas\" is not one of christmas, easter")) << wrong;
}

TEST_F(Suppose, APartOfTheClockMovesTheRest) {
  const std::vector<std::string> used{"time.date", "time.weekday",       "time.is_weekend",
                                      "time.hour", "time.minute_of_day", "time.daypart"};
  EXPECT_EQ(values(used, {"time.hour=3"}), R"("2026-06-03" "wednesday" false 3 200 "night")");
  EXPECT_EQ(values(used, {"time.hour=7", "time.minute=5"}), R"("2026-06-03" "wednesday" false 7 425 "morning")");
  EXPECT_EQ(values(used, {"time.weekday=sunday"}), R"("2026-06-07" "sunday" true 10 620 "morning")");
  EXPECT_EQ(values(used, {"time.weekday_number=1"}), R"("2026-06-08" "monday" false 10 620 "morning")");
  EXPECT_EQ(values(used, {"time.date=2026-12-24"}), R"("2026-12-24" "thursday" false 10 620 "morning")");
  EXPECT_EQ(values(used, {"time.month=2", "time.day=29", "time.year=2028"}),
            R"("2028-02-29" "tuesday" false 10 620 "morning")");
  EXPECT_EQ(values(used, {"time.day_of_year=1"}), R"("2026-01-01" "thursday" false 10 620 "morning")");
  EXPECT_EQ(values(used, {"time.week=53", "time.weekday=friday"}), R"("2027-01-01" "friday" false 10 620 "morning")");
  EXPECT_EQ(values({"time.hour", "time.date"}, {"time.hour=3", "time.zone=Pacific/Auckland"}), R"(3 "2026-06-03")");
  EXPECT_EQ(values({"time.hour", "time.now"}, {"time.hour=3", "time.now=2026-12-25T22:30:00Z"}),
            R"(3 "2026-12-25T22:30:00Z")");
  EXPECT_TRUE(wins("hours: '03:00-04:00'", {"time.hour=3"}));
  EXPECT_TRUE(wins("weekdays: [sat]", {"time.weekday=saturday"}));
  EXPECT_EQ(values({"time.season", "time.month"}, {"time.season=winter"}), R"("winter" 6)");
}

TEST_F(Suppose, PartsOfTheUrlMoveWhatIsReadFromIt) {
  EXPECT_EQ(values({"request.query", "request.utm_source"}, {"request.query.utm_source=news letter"}),
            R"({"utm_source":"news letter","color":"red","size":"m"} "news letter")");
  EXPECT_EQ(values({"request.query"}, {"request.query.color=7"}), R"({"color":"7","size":"m"})");
  EXPECT_EQ(values({"request.query", "request.utm_medium"}, {R"(request.query={"utm_medium": "email"})"}),
            R"({"utm_medium":"email"} "email")");
  EXPECT_EQ(values({"request.referrer_class"}, {"request.utm_medium=email"}), R"("email")");
  EXPECT_EQ(values({"request.referrer_host", "request.referrer_class"},
                   {"request.referrer=https://www.google.com/search?q=tents"}),
            R"("www.google.com" "search")");
  EXPECT_EQ(values({"request.referrer_class"}, {"request.referrer_host=shop.example"}), R"("internal")");
  EXPECT_EQ(values({"request.referrer_class"}, {"request.referrer_host=a.example", "request.host=a.example"}),
            R"("internal")");
  const std::string rule = "rules:\n  - { id: p, slot: b, pages: [/sale/*], do: remove }\n";
  EXPECT_TRUE(explain({}, {"request.path=/sale/x"}, rule).json["slots"][1]["candidates"][0]["won"]);
}

TEST_F(Suppose, LanguagesAndCookiesMoveWhatIsReadFromThem) {
  settings_.languages = {"en", "de"};
  headers_ = {"Accept-Language: fr", "Cookie: seen=1; choice=none"};
  const std::vector<std::string> used{"request.languages", "request.locale", "request.language"};
  EXPECT_EQ(values(used, {R"(request.languages=["de-AT", "fr"])"}), R"(["de-AT","fr"] "de-AT" "de")");
  EXPECT_EQ(values(used, {"request.languages=de-AT,fr"}), R"(["de-AT","fr"] "de-AT" "de")");
  EXPECT_EQ(values(used, {"request.locale=de-CH"}), R"(["de-CH"] "de-CH" "de")");
  EXPECT_EQ(values(used, {"request.language=de"}), R"(["fr"] "fr" "de")");
  settings_.cookies = {"seen"};
  settings_.consent = {.required = true, .cookies = {{"choice", "cookie == 'all'"}}, .permissive_countries = {}};
  EXPECT_EQ(values({"request.cookies", "consent.personalization"}, {"request.cookies.choice=all"}),
            R"({"seen":"1","choice":"all"} true)");
}

TEST_F(Suppose, HeadersAndVariablesOfNginxAreSetByName) {
  settings_.headers = {"CF-IPCountry", "User-Agent"};
  const std::vector<std::string> used{"request.headers", "device.browser"};
  EXPECT_EQ(values(used, {"request.headers.CF-IPCountry=IE"}), R"({"cf-ipcountry":"IE"} null)");
  EXPECT_EQ(values(used, {"request.headers.user_agent=Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Firefox/125.0"}),
            R"({"user-agent":"Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Firefox/125.0"} "Firefox")");
  EXPECT_EQ(values({"nginx"}, {"nginx.half=a", "nginx.account=7"}), R"({"account":"7","half":"a"})");
  EXPECT_EQ(values({"page.csp_nonce"}, {"page.csp_nonce=abc"}), R"("abc")");
}

TEST_F(Suppose, ADeviceMovesWhatIsKnownOfItsKind) {
  const std::vector<std::string> used{"device.type", "device.is_mobile", "device.is_bot", "device.is_touch"};
  EXPECT_EQ(values(used, {"device.type=tablet"}), R"("tablet" true false true)");
  EXPECT_EQ(values(used, {"device.is_bot=true"}), R"("bot" false true false)");
  EXPECT_EQ(values({"device.os_major", "device.browser_major"}, {"device.os_version=17.4.1"}), "17 null");
}

TEST_F(Suppose, TextsAreReadByTheTypeOfTheAttribute) {
  EXPECT_EQ(values({"geo.postal_code", "geo.city"}, {"geo.postal_code=01067", "geo.city=1770"}), R"("01067" "1770")");
  EXPECT_EQ(values({"geo.city"}, {"geo.city=\"New York\""}), R"("New York")");
  EXPECT_EQ(values({"geo.city", "geo.country"}, {"geo.city=null", "geo.country=null"}), "null null");
  EXPECT_THAT(refusal("time.hour=late"), HasSubstr("attribute time.hour: \"late\" is not a whole number"));
  EXPECT_THAT(refusal("time.hour=24"), HasSubstr("attribute time.hour: 24 is not from 0 to 23"));
  EXPECT_THAT(refusal("time.now=tomorrow"), HasSubstr("\"tomorrow\" is not a time such as 2026-12-24T18:00+01:00"));
  EXPECT_THAT(refusal("time.now=2026-12-24T18:00"), HasSubstr("add its offset from UTC"));
  EXPECT_THAT(refusal("time.date=24.12."), HasSubstr("\"24.12.\" is not a date such as 2026-12-24"));
  EXPECT_THAT(refusal("time.date=2026-02-30"), HasSubstr("is not a date"));
  EXPECT_THAT(refusal("geo.latitude=91"), HasSubstr("91 is not from -90 to 90"));
  EXPECT_THAT(refusal("geo.time_zone=Tokyo"), HasSubstr("\"Tokyo\" is not a time zone; write it like"));
  EXPECT_THAT(refusal("device.type=mobile"), HasSubstr("\"mobile\" is not one of unknown, phone, tablet"));
  EXPECT_THAT(refusal("geo.country=Austria"), HasSubstr("\"Austria\" is not a country's code such as AT"));
  EXPECT_THAT(refusal("request.host=Shop.example"), HasSubstr("must be in lower case"));
  EXPECT_THAT(refusal("request.path=sale"), HasSubstr("must begin with /"));
  EXPECT_THAT(refusal("geo.country=at"), HasSubstr("is not a country's code"));
  EXPECT_THAT(refusal("geo.contry=AT"), HasSubstr("there is no attribute geo.contry; did you mean geo.country?"));
  EXPECT_THAT(refusal("request.qery.a=b"), HasSubstr("there is no attribute request.qery.a"));
  EXPECT_THAT(refusal("geo.country"), HasSubstr("is not of the form geo.country=AT"));
}

}  // namespace
}  // namespace personalize::cli
