#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "plugins/device/client_hints.h"
#include "plugins/device/description.h"
#include "plugins/device/literal_finder.h"
#include "plugins/device/plugin.h"
#include "plugins/device/recent_devices.h"
#include "plugins/device/warmup_user_agents.h"
#include "rules/text/utf8.h"
#include "tests/unit/geo/mmdb_builder.h"
#include "tests/unit/plugins/resolved.h"

namespace personalize::plugins {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr const char* chrome_on_windows =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
    "Safari/537.36";
constexpr const char* chrome_on_android =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile "
    "Safari/537.36";
constexpr const char* safari_on_iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4.1 "
    "Mobile/15E148 Safari/604.1";

/// A list of regular expressions as small as it gets.
constexpr const char* small_yaml = R"(
user_agent_parsers:
  - regex: '(Fox)/(\d+)\.(\d+)'
    family_replacement: 'Fire$1'
  - regex: '(Foxy)/(\d+)'
  - regex: 'ancient'
    family_replacement: 'Old'
    v1_replacement: '3'
os_parsers:
  - regex: '(Penguin) ?(\d*)'
device_parsers:
  - regex: '; *(pad) (\w+)'
    regex_flag: 'i'
    device_replacement: ' $1 by $2 '
    brand_replacement: '$2'
  - regex: '\xff(.)\xfe'
)";

const UserAgentParser& debian() {
  static const auto parser = UserAgentParser::load(UserAgentParser::default_file);
  return *parser;
}

DeviceDescription described(std::vector<Header> headers) { return describe(DeviceHeaders::of(headers), debian()); }
std::string_view type_of(std::string_view user_agent) {
  return to_string(described({{"User-Agent", user_agent}}).type);
}

class DebiansList : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(UserAgentParser::default_file)) GTEST_SKIP() << "Debian's uap-core is not installed";
  }
};

std::vector<std::uint32_t> found(const std::vector<std::string>& literals, std::string_view text) {
  LiteralFinder finder;
  for (std::size_t i = 0; i < literals.size(); ++i) finder.add(literals[i], static_cast<std::uint32_t>(i));
  finder.compile();
  std::vector<std::uint32_t> ids;
  finder.find(text, ids);
  return ids;
}

TEST(LiteralFinder, FindsLiteralsWithinLiterals) {
  EXPECT_THAT(found({"he", "she", "his", "hers"}, "ushers"), UnorderedElementsAre(0, 1, 3));
  EXPECT_THAT(found({"he", "she"}, "SHE"), UnorderedElementsAre(0, 1));
  EXPECT_THAT(found({"aa"}, "aaaa"), UnorderedElementsAre(0, 0, 0));
  EXPECT_THAT(found({""}, "a"), UnorderedElementsAre());
  EXPECT_THAT(found({"a"}, ""), UnorderedElementsAre());
}

TEST(LiteralFinder, AgreesWithSearchingOneByOne) {
  std::mt19937 random(7);
  const auto word = [&](std::size_t most) {
    std::string text(1 + random() % most, ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> literals;
    literals.reserve(8);
    for (int i = 0; i < 8; ++i) literals.push_back(word(5));
    const std::string text = word(60);
    auto ids = found(literals, text);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < literals.size(); ++i)
      if (text.find(literals[i]) != std::string::npos) expected.push_back(i);
    ASSERT_EQ(ids, expected) << text;
  }
}

TEST(UserAgentParser, FillsTemplatesWithGroups) {
  const UserAgentParser parser(small_yaml);
  const auto parsed = parser.parse("x Fox/12.5 (Penguin 6; PAD Acme)");
  EXPECT_EQ(parsed.browser.family, "FireFox");
  EXPECT_EQ(parsed.browser.major, "12");
  EXPECT_EQ(parsed.browser.minor, "5");
  EXPECT_EQ(parsed.browser.patch, "");
  EXPECT_EQ(parsed.system.family, "Penguin");
  EXPECT_EQ(parsed.system.major, "6");
  EXPECT_EQ(parsed.device.family, "PAD by Acme") << "trimmed, and in any case because of regex_flag";
  EXPECT_EQ(parsed.device.brand, "Acme");
  EXPECT_EQ(parsed.device.model, "PAD");
}

TEST(UserAgentParser, TakesTheFirstOfTheFile) {
  const UserAgentParser parser(small_yaml);
  EXPECT_EQ(parser.parse("Foxy/7 ancient").browser.family, "Foxy");
  EXPECT_EQ(parser.parse("ancient").browser.major, "3");
  EXPECT_EQ(parser.parse("fox/1.2").browser.family, "Other") << "letters' case matters";
}

TEST(UserAgentParser, CallsWhatItDoesNotKnowOther) {
  const auto parsed = UserAgentParser(small_yaml).parse("");
  EXPECT_EQ(parsed.browser.family, "Other");
  EXPECT_EQ(parsed.system.family, "Other");
  EXPECT_EQ(parsed.device.family, "Other");
  EXPECT_EQ(parsed.device.brand, "");
}

TEST(UserAgentParser, SaysWhatIsWrongWithAFile) {
  const auto complaint = [](const std::string& yaml) -> std::string {
    try {
      UserAgentParser parser(yaml);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_THAT(complaint("a: ["), HasSubstr("is not uap-core's regexes.yaml"));
  EXPECT_THAT(complaint("a: 1"), HasSubstr("has no list \"user_agent_parsers\""));
  EXPECT_THAT(complaint("user_agent_parsers:\n  - regex: '(a'"), HasSubstr("line 2: regex: missing )"));
  EXPECT_THAT(complaint("user_agent_parsers:\n  - rgx: 'a'"), HasSubstr("is not uap-core's regexes.yaml"));
}

TEST(UserAgentParser, IsSharedAsLongAsTheFileIsTheSame) {
  geo::TemporaryFolder folder;
  const std::string path = folder.write("regexes.yaml", small_yaml);
  const auto first = UserAgentParser::load(path);
  EXPECT_EQ(UserAgentParser::load(path), first);
  folder.write("regexes.yaml", std::string(small_yaml) + "\n\n");
  EXPECT_NE(UserAgentParser::load(path), first);
  EXPECT_THROW(UserAgentParser::load(folder.path("none.yaml")), std::runtime_error);
}

TEST(UserAgentParser, GivesUtf8WhateverItReads) {
  const UserAgentParser parser(small_yaml);
  EXPECT_EQ(parser.parse("\xff\xc3\xfe").device.family, "Other") << "a group that is half a character";
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    std::string text = "Fox/1.2 Penguin ; pad ";
    for (int i = 0; i < 40; ++i) text += static_cast<char>(random());
    const auto parsed = parser.parse(text);
    for (const std::string& part :
         {parsed.browser.family, parsed.system.major, parsed.device.family, parsed.device.model})
      ASSERT_EQ(rules::text::first_invalid_utf8(part), std::string_view::npos);
  }
}

TEST_F(DebiansList, KnowsTheCommonDevices) {
  const auto phone = described({{"user-agent", safari_on_iphone}});
  EXPECT_EQ(phone.parsed.device.family, "iPhone");
  EXPECT_EQ(phone.parsed.device.brand, "Apple");
  EXPECT_EQ(phone.parsed.system.family, "iOS");
  EXPECT_EQ(phone.system_version, "17.4.1");
  EXPECT_EQ(phone.parsed.browser.family, "Mobile Safari");
  EXPECT_EQ(phone.browser_version, "17.4.1");
  EXPECT_TRUE(phone.is_touch);
}

TEST_F(DebiansList, KnowsTheBrowsersThatEachProcessIsWarmedUpWith) {
  std::size_t robots = 0;
  for (std::string_view browser : warmup_user_agents) {
    EXPECT_NE(described({{"User-Agent", browser}}).parsed.browser.family, "Other") << browser;
    EXPECT_NE(type_of(browser), "unknown") << browser;
    robots += type_of(browser) == "bot";
  }
  EXPECT_EQ(robots, 1u);
}

TEST(UserAgentParser, IsWarmedUpOnceAndBySteps) {
  const UserAgentParser parser(small_yaml);
  std::size_t steps = 1;
  while (parser.warm_up()) ++steps;
  EXPECT_EQ(steps, warmup_user_agents.size());
  EXPECT_FALSE(parser.warm_up());
}

TEST_F(DebiansList, TellsTheTypesApart) {
  EXPECT_EQ(type_of(safari_on_iphone), "phone");
  EXPECT_EQ(type_of(chrome_on_android), "phone");
  EXPECT_EQ(type_of(chrome_on_windows), "desktop");
  EXPECT_EQ(type_of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 "
                    "Safari/605.1.15"),
            "desktop");
  EXPECT_EQ(type_of("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"), "desktop");
  EXPECT_EQ(type_of("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/124.0.0.0 Safari/537.36"),
            "desktop");
  EXPECT_EQ(type_of("Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 "
                    "Mobile/15E148 Safari/604.1"),
            "tablet");
  EXPECT_EQ(type_of("Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/124.0.0.0 Safari/537.36"),
            "tablet");
  EXPECT_EQ(type_of("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 SamsungBrowser/2.2 TV Safari/537.36"),
            "tv");
  EXPECT_EQ(type_of("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/79.0.3945.79 Safari/537.36"), "tv");
  EXPECT_EQ(type_of("Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 Version/13.0 Safari/605.1.15"),
            "console");
  EXPECT_EQ(type_of("Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 Edge/18.19041"),
            "console");
  EXPECT_EQ(type_of("atc/1.0 watchOS/5.1.3 model/Watch3,4 hwp/t8004 build/16S535 (6; dt:156)"), "wearable");
  EXPECT_EQ(type_of("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), "bot");
  EXPECT_EQ(type_of("Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 "
                    "Chrome/124.0.0.0 Mobile "
                    "Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
            "bot");
  EXPECT_EQ(type_of("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/22.478; U; en) Presto/2.5.25"), "phone");
  EXPECT_EQ(type_of("something else"), "unknown");
}

TEST_F(DebiansList, DoesNotTakePlaceholdersForKnowledge) {
  const auto reduced = described({{"User-Agent", chrome_on_android}}).parsed;
  EXPECT_EQ(reduced.device.family, "Other");
  EXPECT_EQ(reduced.device.brand + reduced.device.model, "");
  EXPECT_EQ(reduced.system.family, "Android");
  EXPECT_EQ(reduced.system.major, "") << "it is 10 for all";
  const auto hinted = described({{"User-Agent", chrome_on_android},
                                 {"Sec-CH-UA-Platform", "\"Android\""},
                                 {"Sec-CH-UA-Platform-Version", "\"14.0.0\""},
                                 {"Sec-CH-UA-Model", "\"Pixel 8\""}});
  EXPECT_EQ(hinted.parsed.device.model, "Pixel 8");
  EXPECT_EQ(hinted.system_version, "14.0.0");
  const auto nameless = described({{"User-Agent",
                                    "Mozilla/5.0 (Linux; Android 10; QX-17 Build/QP1A) AppleWebKit/537.36 (KHTML, like "
                                    "Gecko) Chrome/124.0.0.0 Mobile Safari/537.36"}});
  EXPECT_EQ(nameless.parsed.device.brand, "");
  EXPECT_EQ(nameless.parsed.device.model, "QX-17");
  EXPECT_EQ(nameless.system_version, "10");
}

TEST_F(DebiansList, KnowsAnIPadThatSaysItIsAMac) {
  for (const char* end : {"(KHTML, like Gecko) Mobile/15E148", "(KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS]",
                          "(KHTML, like Gecko) CriOS/124.0.6367.88 Mobile/15E148 Safari/604.1",
                          "(KHTML, like Gecko) FxiOS/125.0 Safari/605.1.15"}) {
    const std::string text = std::string("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 ") + end;
    const auto device = described({{"User-Agent", text}});
    EXPECT_EQ(to_string(device.type), "tablet") << text;
    EXPECT_TRUE(device.is_touch);
    EXPECT_EQ(device.parsed.device.family, "iPad");
    EXPECT_EQ(device.parsed.system.family, "iOS");
  }
  EXPECT_EQ(type_of("Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                    "Mobile/15E148"),
            "tablet");
}

TEST_F(DebiansList, YieldsToClientHints) {
  const auto device =
      described({{"user-agent", chrome_on_android},
                 {"Sec-CH-UA", R"("Chromium";v="124", "Microsoft Edge";v="124", "Not-A.Brand";v="99")"},
                 {"Sec-CH-UA-Full-Version-List", R"("Chromium";v="124.0.6367.82", "Microsoft Edge";v="124.0.2478.64")"},
                 {"Sec-CH-UA-Mobile", "?1"},
                 {"Sec-CH-UA-Platform", R"("Android")"},
                 {"Sec-CH-UA-Platform-Version", R"("14.0.0")"},
                 {"Sec-CH-UA-Model", R"("SM-S918B")"}});
  EXPECT_EQ(device.parsed.browser.family, "Edge Mobile");
  EXPECT_EQ(device.browser_version, "124.0.2478");
  EXPECT_EQ(device.parsed.system.family, "Android");
  EXPECT_EQ(device.system_version, "14.0.0");
  EXPECT_EQ(device.parsed.device.brand, "Samsung");
  EXPECT_EQ(device.parsed.device.model, "SM-S918B");
  EXPECT_EQ(device.type, DeviceType::phone);
}

TEST_F(DebiansList, TellsWindows11ByItsHint) {
  const auto version = [](const char* hint) {
    return described({{"user-agent", chrome_on_windows},
                      {"sec-ch-ua-platform", R"("Windows")"},
                      {"sec-ch-ua-platform-version", hint}})
        .system_version;
  };
  EXPECT_EQ(version(R"("15.0.0")"), "11");
  EXPECT_EQ(version(R"("10.0.0")"), "10");
  EXPECT_EQ(version(R"("0.3.0")"), "8.1");
  EXPECT_EQ(version(R"("0.1.0")"), "7");
  EXPECT_EQ(version("15"), "10") << "not a structured string: the User-Agent counts";
}

TEST_F(DebiansList, TakesAHintedFormFactorForTheType) {
  const auto type = [](const char* factors) {
    return described(
               {{"user-agent", chrome_on_android}, {"sec-ch-ua-form-factors", factors}, {"sec-ch-ua-mobile", "?0"}})
        .type;
  };
  EXPECT_EQ(type(R"("Tablet")"), DeviceType::tablet);
  EXPECT_EQ(type(R"("XR", "Mobile")"), DeviceType::wearable);
}

TEST_F(DebiansList, IgnoresMalformedHints) {
  for (const char* brands : {"", "Chrome", "\"", "\"a", "\"a\\", "\"a\";v", "\"a\";v=", "\"a\";v=1", ";;;", "\"a\",",
                             "\"Not A;Brand\";v=\"99\"", "\"a\x01\""}) {
    const auto device =
        described({{"user-agent", chrome_on_windows}, {"sec-ch-ua", brands}, {"sec-ch-ua-model", brands}});
    EXPECT_FALSE(device.parsed.browser.family.empty()) << brands;
    EXPECT_EQ(device.parsed.system.family, "Windows") << brands;
  }
  const std::string huge(100'000, '"');
  EXPECT_EQ(described({{"user-agent", chrome_on_windows}, {"sec-ch-ua", huge}}).parsed.browser.family, "Chrome");
  EXPECT_EQ(described({{"user-agent", huge}}).type, DeviceType::unknown);
}

TEST(RecentDevices, AreBoundedInNumberAndBytes) {
  const UserAgentParser parser(small_yaml);
  RecentDevices recent(100, 1 << 20);
  for (int i = 0; i < 1000; ++i) {
    const std::string text = "Foxy/" + std::to_string(i);
    DeviceHeaders headers;
    headers.user_agent = text;
    EXPECT_EQ(recent.of(headers, parser).browser_version, std::to_string(i));
    EXPECT_EQ(recent.of(headers, parser).browser_version, std::to_string(i));
  }
  EXPECT_EQ(recent.size(), 100u);

  RecentDevices small(100, 20'000);
  for (int i = 0; i < 1000; ++i) {
    const std::string text = std::string(1000, 'x') + std::to_string(i);
    DeviceHeaders headers;
    headers.user_agent = text;
    small.of(headers, parser);
    EXPECT_LE(small.bytes(), 20'000u);
  }
  EXPECT_GT(small.size(), 1u);
}

TEST(RecentDevices, TellHeadersApart) {
  const UserAgentParser parser(small_yaml);
  RecentDevices recent(100, 1 << 20);
  DeviceHeaders headers;
  headers.user_agent = "Fox/1.2";
  EXPECT_EQ(recent.of(headers, parser).parsed.browser.family, "FireFox");
  headers.brands = R"("Opera";v="9")";
  EXPECT_EQ(recent.of(headers, parser).parsed.browser.family, "Opera");
  EXPECT_EQ(recent.size(), 2u);
}

TEST(DevicePlugin, ResolvesItsAttributes) {
  geo::TemporaryFolder folder;
  Settings settings;
  settings.device_regexes = folder.write("regexes.yaml", small_yaml);
  auto device = Resolved::of<DevicePlugin>(settings);
  const Header headers[] = {{"User-Agent", "Fox/12.5 (Penguin 6; Tablet; pad Acme)"}};
  device.resolve({.headers = headers});
  EXPECT_EQ(device.text("device.type"), "tablet");
  EXPECT_EQ(device.text("device.browser"), "FireFox");
  EXPECT_EQ(device.text("device.browser_version"), "12.5");
  EXPECT_EQ(device["device.browser_major"].as_int64(), 12);
  EXPECT_EQ(device.text("device.os"), "Penguin");
  EXPECT_EQ(device.text("device.brand"), "Acme");
  EXPECT_TRUE(device["device.is_mobile"].as_bool());
  EXPECT_TRUE(device["device.is_touch"].as_bool());
  EXPECT_FALSE(device["device.is_bot"].as_bool());
  device.resolve({});
  EXPECT_EQ(device.text("device.type"), "-") << "who says nothing is not known";
}

TEST(DevicePlugin, RefusesAListThatIsMissing) {
  Settings settings;
  settings.device_regexes = "/nonexistent/regexes.yaml";
  EXPECT_THROW(Resolved::of<DevicePlugin>(settings), ConfigurationError);
}

}  // namespace
}  // namespace personalize::plugins
