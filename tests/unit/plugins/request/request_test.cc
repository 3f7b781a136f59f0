#include "plugins/request.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plugins/request/language.h"
#include "plugins/request/plugin.h"
#include "plugins/request/query.h"
#include "plugins/request/referrer.h"
#include "tests/unit/plugins/resolved.h"

namespace personalize::plugins {
namespace {

std::vector<std::string> accepted(std::string_view header) {
  std::pmr::monotonic_buffer_resource memory;
  const auto tags = accepted_languages(header, memory);
  return {tags.begin(), tags.end()};
}

TEST(Request, FindsHeadersInAnyCase) {
  const Header headers[] = {{"Host", "shop"}, {"X-Thing", "first"}, {"x-thing", "second"}};
  const Request request{.headers = headers};
  EXPECT_EQ(request.header("x-THING"), "first");
  EXPECT_EQ(request.header("x-thin"), "");
}

TEST(Request, FindsCookies) {
  const Header headers[] = {{"Cookie", "a=1; visitor=\"v-7\";b = 2; A=3; empty="}, {"cookie", "late=x=y"}};
  const Request request{.headers = headers};
  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("A"), "3");
  EXPECT_EQ(request.cookie("visitor"), "v-7");
  EXPECT_EQ(request.cookie("late"), "x=y");
  EXPECT_EQ(request.cookie("empty"), "");
  EXPECT_EQ(request.cookie("visit"), "");
  EXPECT_EQ(request.cookie(""), "");
}

TEST(Request, FindsNothingInHostileCookies) {
  for (std::string_view cookie : {"", ";", ";;;;", "=", "a", "=;=", " ; "}) {
    const Header headers[] = {{"cookie", cookie}};
    EXPECT_EQ((Request{.headers = headers}).cookie("a"), "") << cookie;
  }
}

TEST(VisitorId, HasAStrictForm) {
  EXPECT_TRUE(valid_visitor_id("a"));
  EXPECT_TRUE(valid_visitor_id("Visitor_42.b-C"));
  EXPECT_TRUE(valid_visitor_id(std::string(128, 'x')));
  EXPECT_FALSE(valid_visitor_id(""));
  EXPECT_FALSE(valid_visitor_id(std::string(129, 'x')));
  EXPECT_FALSE(valid_visitor_id(std::string(4096, 'x')));
  for (std::string_view id : {"a b", "a:b", "{a}", "a\r\nGET x", "ä", "a/b", "*", "a\"", "a%20"})
    EXPECT_FALSE(valid_visitor_id(id)) << id;
  EXPECT_FALSE(valid_visitor_id(std::string_view("a\0b", 3)));
}

TEST(Languages, ComeInTheOrderOfPreference) {
  EXPECT_EQ(accepted("de-at,DE;q=0.9, en;q=0.8,*;q=0.5"), (std::vector<std::string>{"de-AT", "de", "en"}));
  EXPECT_EQ(accepted("en;q=0.5,fr;q=0.7, nl"), (std::vector<std::string>{"nl", "fr", "en"}));
  EXPECT_EQ(accepted("fr;q=0,en"), (std::vector<std::string>{"en"}));
  EXPECT_EQ(accepted("ZH-hant-tw"), (std::vector<std::string>{"zh-Hant-TW"}));
  EXPECT_EQ(accepted("es-419"), (std::vector<std::string>{"es-419"}));
}

TEST(Languages, AreNotFoundInNonsense) {
  for (std::string_view header : {"", ",,,", ";q=1", "*", "e", "en us", "12", "-", "de-", "--", "a\xff\xfe", "en;q=x",
                                  "en;q=1.0.0", "en;level=1", "toolonglanguage"})
    EXPECT_TRUE(accepted(header).empty()) << header;
  EXPECT_LE(accepted(std::string(100'000, ',')).size(), max_languages);
  std::string many;
  for (char c = 'a'; c <= 'z'; ++c) many += std::string("a") + c + ",";
  EXPECT_EQ(accepted(many).size(), max_languages);
}

TEST(Query, IsDecodedAsFormsAre) {
  std::pmr::monotonic_buffer_resource memory;
  const auto map = parse_query("q=wet+dog%21&size=10%25&flag&x=1&x=2&caf%C3%A9=o%c3%a9&=v&bad=%ff&half=%4", memory);
  EXPECT_EQ(entry(map, "q"), "wet dog!");
  EXPECT_EQ(entry(map, "size"), "10%");
  EXPECT_EQ(entry(map, "flag"), "");
  EXPECT_EQ(entry(map, "x"), "1") << "the first counts";
  EXPECT_EQ(entry(map, "café"), "oé");
  EXPECT_EQ(entry(map, "bad"), "-") << "not UTF-8";
  EXPECT_EQ(entry(map, "half"), "%4");
  EXPECT_EQ(map.as_map().size(), 7u - 1);
}

TEST(Query, IsBounded) {
  std::pmr::monotonic_buffer_resource memory;
  std::string query;
  for (int i = 0; i < 10'000; ++i) query += "k" + std::to_string(i) + "=v&";
  EXPECT_EQ(parse_query(query, memory).as_map().size(), max_query_parameters);
  EXPECT_EQ(parse_query("", memory).as_map().size(), 0u);
}

TEST(Referrer, HasAHost) {
  EXPECT_EQ(host_of_url("https://www.google.de/search?q=a@b"), "www.google.de");
  EXPECT_EQ(host_of_url("http://user:pass@shop.example:8080#x"), "shop.example");
  EXPECT_EQ(host_of_url("https://shop.example."), "shop.example");
  EXPECT_EQ(host_of_url("http://[2001:db8::1]:80/"), "[2001:db8::1]");
  EXPECT_EQ(host_of_url("http://["), "[");
  for (std::string_view url : {"", "shop.example", "javascript:alert(1)", "://x", "http://", "file:///etc"})
    EXPECT_EQ(host_of_url(url), "") << url;
}

TEST(Referrer, IsOfAClass) {
  const auto of = [](std::string_view host) { return referrer_class_of(host, "shop.example", ""); };
  EXPECT_EQ(of(""), "direct");
  EXPECT_EQ(of("shop.example"), "internal");
  EXPECT_EQ(of("www.shop.example"), "internal");
  EXPECT_EQ(of("myshop.example"), "external");
  EXPECT_EQ(of("www.google.co.uk"), "search");
  EXPECT_EQ(of("google.de"), "search");
  EXPECT_EQ(of("google.evil-domain.example"), "external");
  EXPECT_EQ(of("notgoogle.com"), "external");
  EXPECT_EQ(of("mail.google.com"), "email");
  EXPECT_EQ(of("l.facebook.com"), "social");
  EXPECT_EQ(of("t.co"), "social");
  EXPECT_EQ(of("root.co"), "external");
  EXPECT_EQ(referrer_class_of("", "shop.example", "email"), "email") << "newsletters say so in utm_medium";
}

TEST(RequestPlugin, ResolvesItsAttributes) {
  const Header headers[] = {{"Accept-Language", "de-AT,de;q=0.9,en;q=0.5"},
                            {"Referer", "https://www.Bing.com/search"},
                            {"Cookie", "currency=EUR; secret=1"}};
  const Request request{.method = "GET",
                        .scheme = "https",
                        .host = "shop.example",
                        .path = "/c/shoes",
                        .query = "utm_source=news&utm_campaign=&color=red",
                        .headers = headers};
  Settings settings;
  settings.cookies = {"currency"};
  auto resolved = Resolved::of<RequestPlugin>(settings);
  resolved.resolve(request);
  EXPECT_EQ(resolved.text("request.method"), "GET");
  EXPECT_EQ(resolved.text("request.scheme"), "https");
  EXPECT_EQ(resolved.text("request.host"), "shop.example");
  EXPECT_EQ(resolved.text("request.path"), "/c/shoes");
  EXPECT_EQ(entry(resolved["request.query"], "color"), "red");
  EXPECT_EQ(resolved.text("request.utm_source"), "news");
  EXPECT_EQ(resolved.text("request.utm_campaign"), "-") << "empty is not there";
  EXPECT_EQ(resolved.text("request.language"), "de");
  EXPECT_EQ(resolved.text("request.locale"), "de-AT");
  EXPECT_EQ(resolved["request.languages"].as_list().size(), 3u);
  EXPECT_EQ(resolved.text("request.referrer_host"), "www.bing.com");
  EXPECT_EQ(resolved.text("request.referrer_class"), "search");
  EXPECT_EQ(entry(resolved["request.cookies"], "currency"), "EUR");
  EXPECT_EQ(entry(resolved["request.cookies"], "secret"), "-") << "not allowed";
}

TEST(RequestPlugin, ShowsHeadersThatTheConfigurationNames) {
  const std::string long_value(2049, 'x'), joined_too_long(1500, 'y');
  const Header headers[] = {{"CF-IPCountry", "NO"}, {"x-segment", "a"},     {"X-Empty", ""},
                            {"X-SEGMENT", "b, c"},  {"X-Segment", ""},      {"X-Long", long_value},
                            {"X-Bad", "\xc3"},      {"X-Secret", "s"},      {"X-Twice", joined_too_long},
                            {"X-Half", "fine"},     {"X-Half", "\xed\xa0"}, {"X-Twice", joined_too_long}};
  HostSettings settings;
  settings.headers = {"cf-ipcountry", "X_Under", "X-Segment", "X-Empty", "X-Long", "X-Bad", "X-Twice", "X-Half"};
  auto resolved = Resolved::of<RequestPlugin>(settings);
  resolved.resolve({.headers = headers});
  EXPECT_EQ(entry(resolved["request.headers"], "cf-ipcountry"), "NO");
  EXPECT_EQ(entry(resolved["request.headers"], "x-segment"), "a, b, c") << "lines of one field are joined";
  EXPECT_EQ(resolved["request.headers"].as_map().size(), 2u) << "not what is empty, too long, no UTF-8 or not named";

  const Header under[] = {{"x_under", "u"}};
  resolved.resolve({.headers = under});
  EXPECT_EQ(entry(resolved["request.headers"], "x-under"), "u");
}

TEST(RequestPlugin, KnowsTheSegmentsOfThePath) {
  const auto segments = [](std::string_view path) {
    auto resolved = Resolved::of<RequestPlugin>(Settings());
    resolved.resolve({.path = path});
    if (resolved["request.path_segment"].missing()) return std::string("-");
    std::string text;
    for (const rules::Value& segment : resolved["request.path_segment"].as_list())
      text.append("[").append(segment.text()).append("]");
    return text;
  };
  EXPECT_EQ(segments("/p/tide boots.html"), "[p][tide boots.html]");
  EXPECT_EQ(segments("/c//a/"), "[c][a]") << "as if slashes were merged";
  EXPECT_EQ(segments("/"), "");
  EXPECT_EQ(segments(""), "");
  EXPECT_EQ(segments("*"), "[*]");
  EXPECT_EQ(segments("/a\xff"), "-");
  std::string many, kept;
  for (int i = 0; i < 5000; ++i) many += "/a";
  for (int i = 0; i < 64; ++i) kept += "[a]";
  EXPECT_EQ(segments(many), kept);
}

TEST(RequestPlugin, LeavesOutWhatIsNotUtf8) {
  const Header headers[] = {{"Referer", "https://x.example/\xff"}, {"Cookie", "currency=\xc3"}};
  const Request request{.host = "shop\xff", .path = "/\xed\xa0\x80", .headers = headers};
  Settings settings;
  settings.cookies = {"currency"};
  auto resolved = Resolved::of<RequestPlugin>(settings);
  resolved.resolve(request);
  EXPECT_EQ(resolved.text("request.host"), "-");
  EXPECT_EQ(resolved.text("request.path"), "-");
  EXPECT_EQ(resolved.text("request.referrer"), "-");
  EXPECT_EQ(resolved.text("request.referrer_class"), "direct");
  EXPECT_EQ(resolved["request.cookies"].as_map().size(), 0u);
}

}  // namespace
}  // namespace personalize::plugins
