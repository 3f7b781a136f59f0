#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "plugins/consent/gpp.h"
#include "plugins/consent/plugin.h"
#include "plugins/consent/tcf.h"
#include "plugins/geo/plugin.h"
#include "plugins/profile/plugin.h"
#include "tests/unit/geo/mmdb_builder.h"
#include "tests/unit/plugins/resolved.h"

namespace personalize::plugins {
namespace {

/// A core segment with these purposes, as the specification lays it out.
std::string tcf_string(std::initializer_list<unsigned> purposes, unsigned version = 2) {
  std::array<bool, 264> bits{};  // no vendors, no restrictions
  const auto put = [&](std::size_t at, std::size_t count, std::uint64_t value) {
    for (std::size_t i = 0; i < count; ++i) bits[at + i] = (value >> (count - 1 - i) & 1) != 0;
  };
  put(0, 6, version);
  put(42, 36, 17'953'416'000);
  put(132, 6, 4);
  bits[140] = true;  // special feature 1
  for (unsigned purpose : purposes) bits[152 + purpose - 1] = true;
  std::string text;
  for (std::size_t i = 0; i < bits.size(); i += 6) {
    int value = 0;
    for (std::size_t k = 0; k < 6; ++k) value = value * 2 + (bits[i + k] ? 1 : 0);
    text += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[value];
  }
  return text;
}

/// A GPP string with the section usnat alone, and that answer to the sale of data: 1 is an opt-out, 2 is none.
std::string usnat(unsigned sale) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string core = "CAAqAAAAAABA";
  core[3] = digits[sale << 4 | 0b1010];  // of sharing and of targeted advertising: 2
  return "DBABLA~" + core;
}

TEST(Tcf, IsDecoded) {
  const auto tcf = parse_tcf(tcf_string({1, 5, 24}) + ".YAAAAAAAAAAA");
  ASSERT_TRUE(tcf);
  EXPECT_TRUE(tcf->purpose(1));
  EXPECT_FALSE(tcf->purpose(2));
  EXPECT_TRUE(tcf->purpose(5));
  EXPECT_TRUE(tcf->purpose(24));
  EXPECT_FALSE(tcf->purpose(0));
  EXPECT_FALSE(tcf->purpose(25));
  EXPECT_TRUE(tcf->special_feature(1));
  EXPECT_FALSE(tcf->special_feature(2));
}

TEST(Tcf, AgreesWithTheSpecificationsExample) {
  // From the format's description: "Example TC String with no segments".
  const auto tcf = parse_tcf("COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA");
  ASSERT_TRUE(tcf);
  EXPECT_EQ(tcf->purposes, 1u << 1 | 1u << 9);  // 2 and 10
  EXPECT_TRUE(tcf->special_feature(1));
}

TEST(Tcf, IsRefusedWhereItIsNone) {
  for (const std::string& text : {std::string(), std::string("C"), tcf_string({1}, 1), tcf_string({1}).substr(0, 30),
                                  "C!" + tcf_string({1}), std::string(100, '='), "." + tcf_string({1})})
    EXPECT_FALSE(parse_tcf(text)) << text;
  std::mt19937 random(3);
  for (int round = 0; round < 1000; ++round) {
    std::string text(random() % 80, ' ');
    for (char& c : text) c = static_cast<char>(random());
    parse_tcf(text);
  }
}

class ConsentTest : public ::testing::Test {
 protected:
  Consent decide(std::vector<Header> headers, std::string_view country = "") {
    return ConsentPolicy(settings_).decide({.headers = headers}, country);
  }
  ConsentSettings settings_{.required = true, .cookies = {}, .permissive_countries = {}};
};

TEST_F(ConsentTest, IsNotThereUnlessGiven) {
  EXPECT_FALSE(decide({}).personalization);
  EXPECT_EQ(decide({}).source, ConsentSource::none);
}

TEST_F(ConsentTest, IsAssumedWhereItIsNotRequired) {
  settings_.required = false;
  EXPECT_TRUE(decide({{"DNT", "1"}}).personalization);
}

TEST_F(ConsentTest, IsRefusedByGpcHoweverOftenItIsSaid) {
  settings_.cookies = {{"consent", ""}};
  for (const char* value : {"0", "true", "11", "", "0, 0", "1.0", "\"1\"", ",", " , ;1"})
    EXPECT_TRUE(decide({{"Cookie", "consent=all"}, {"Sec-GPC", value}}).personalization) << value;
  for (const char* value : {"1", "1, 1", "1,1", "1\t", " 1 ", "\t1", "0, 1", "1, 0", "1,", ",1", "1;a=b", "1 ; a"}) {
    const Consent consent = decide({{"Cookie", "consent=all"}, {"Sec-GPC", value}});
    EXPECT_FALSE(consent.personalization || consent.measurement) << value;
    EXPECT_EQ(consent.source, ConsentSource::gpc) << value;
  }
  EXPECT_FALSE(decide({{"Cookie", "consent=all"}, {"Sec-GPC", "0"}, {"sec-gpc", "1"}}).personalization);
}

TEST_F(ConsentTest, IsRefusedByDntWhateverExtensionsFollow) {
  settings_.cookies = {{"consent", ""}};
  for (const char* value : {"0", "null", "", "unspecified", "0xyz", "01", "x1", "0, 0"})
    EXPECT_TRUE(decide({{"Cookie", "consent=all"}, {"DNT", value}}).personalization) << value;
  for (const char* value : {"1", "1xyz", "1\t", " 1", "10", "1;x", "1!", "1, 1", "0, 1", "1 x"}) {
    const Consent consent = decide({{"Cookie", "consent=all"}, {"DNT", value}});
    EXPECT_FALSE(consent.personalization || consent.measurement) << value;
    EXPECT_EQ(consent.source, ConsentSource::dnt) << value;
  }
  EXPECT_FALSE(decide({{"Cookie", "consent=all"}, {"DNT", "0"}, {"dnt", "1"}}).personalization);
}

TEST_F(ConsentTest, IsRefusedBySignals) {
  settings_.cookies = {{"consent", ""}};
  EXPECT_TRUE(decide({{"Cookie", "consent=all"}}).personalization);
  EXPECT_FALSE(decide({{"Cookie", "consent=all"}, {"Sec-GPC", "1"}}).personalization);
  EXPECT_FALSE(decide({{"Cookie", "consent=all"}, {"DNT", "1"}}).measurement);
  EXPECT_TRUE(decide({{"Cookie", "consent=all"}, {"DNT", "0"}}).personalization);
}

TEST_F(ConsentTest, FollowsTheTcfString) {
  const auto with = [&](std::initializer_list<unsigned> purposes) {
    const std::string cookie = "euconsent-v2=" + tcf_string(purposes);
    return decide({{"Cookie", cookie}});
  };
  EXPECT_TRUE(with({1, 5, 6}).personalization);
  EXPECT_FALSE(with({1, 5, 6}).measurement);
  EXPECT_FALSE(with({5, 6}).personalization) << "storage comes first";
  EXPECT_TRUE(with({1, 8}).measurement);
  EXPECT_EQ(with({}).source, ConsentSource::tcf);
  settings_.permissive_countries = {"US"};
  settings_.cookies = {{"choice", ""}};
  const Consent nonsense = decide({{"Cookie", "choice=yes; euconsent-v2=nonsense"}}, "US");
  EXPECT_FALSE(nonsense.personalization) << "what cannot be understood is no consent, whatever else is there";
  EXPECT_EQ(nonsense.source, ConsentSource::tcf);
}

TEST_F(ConsentTest, IsRefusedByAnOptOutOfTheUnitedStates) {
  settings_.permissive_countries = {"US"};
  settings_.cookies = {{"consent", ""}};
  const auto with = [&](const std::string& cookies) { return decide({{"Cookie", "consent=all; " + cookies}}, "US"); };
  EXPECT_EQ(with("usprivacy=1YYN").source, ConsentSource::usprivacy);
  EXPECT_FALSE(with("usprivacy=1YYN").personalization || with("usprivacy=1YYN").measurement);
  EXPECT_FALSE(with("usprivacy=1nyn").personalization);
  EXPECT_TRUE(with("usprivacy=1YNN").personalization) << "which is no consent either, but the site's cookie is";
  EXPECT_TRUE(with("usprivacy=1---").personalization);
  EXPECT_TRUE(with("usprivacy=").personalization);
  EXPECT_FALSE(with("usprivacy=1YNN; usprivacy=1YYN").personalization) << "no opt-out is overlooked";
  for (const char* wrong : {"1YY", "1YYNN", "2YNN", "0YNN", "1YXN", "1Y N", "yes", "%31YNN"})
    EXPECT_FALSE(with(std::string("usprivacy=") + wrong).personalization) << wrong;
  EXPECT_TRUE(decide({{"Cookie", "usprivacy=1YNN"}}, "US").personalization) << "silence is consent there";
  EXPECT_FALSE(decide({{"Cookie", "usprivacy=1YNN"}}, "DE").personalization);
}

TEST_F(ConsentTest, IsRefusedByAnOptOutInAGppString) {
  settings_.permissive_countries = {"US"};
  const auto with = [&](const std::string& cookies) { return decide({{"Cookie", cookies}}, "US"); };
  for (const char* name : {"gpp", "__gpp"}) {
    EXPECT_EQ(with(std::string(name) + "=" + usnat(0)).source, ConsentSource::country);
    EXPECT_EQ(with(std::string(name) + "=" + usnat(2)).source, ConsentSource::country);
    EXPECT_EQ(with(std::string(name) + "=" + usnat(1)).source, ConsentSource::gpp);
    EXPECT_FALSE(with(std::string(name) + "=" + usnat(1)).personalization);
    EXPECT_FALSE(with(std::string(name) + "=" + usnat(3)).personalization) << "there is no such answer";
  }
  EXPECT_FALSE(with("gpp=" + usnat(2) + "; gpp=" + usnat(1)).personalization);
  EXPECT_FALSE(with("gpp=" + usnat(1) + "; gpp_sid=8").personalization) << "an opt-out counts wherever it stands";
  EXPECT_FALSE(with("gpp=" + usnat(1) + "; euconsent-v2=" + tcf_string({1, 5, 6, 8})).personalization);
  EXPECT_TRUE(with("gpp=" + usnat(2) + ".YA").source == ConsentSource::gpp) << "the browser's GPC is repeated there";
  EXPECT_TRUE(with("gpp=" + usnat(2) + ".QA").source == ConsentSource::country);
  EXPECT_FALSE(with("gpp=DBABTA~1YYN").personalization);
  EXPECT_TRUE(with("gpp=DBABTA~1YNN").personalization);
}

TEST_F(ConsentTest, FollowsTheEuropeanSectionOfAGppStringWhereItApplies) {
  settings_.permissive_countries = {"US"};
  const std::string yes = "gpp=DBABMA~" + tcf_string({1, 5, 6, 8}), no = "gpp=DBABMA~" + tcf_string({1, 2});
  EXPECT_EQ(decide({{"Cookie", yes}}, "DE").source, ConsentSource::gpp);
  EXPECT_TRUE(decide({{"Cookie", yes}}, "DE").personalization);
  EXPECT_FALSE(decide({{"Cookie", no}}, "US").personalization);
  EXPECT_FALSE(decide({{"Cookie", no + "; gpp_sid=2"}}, "US").personalization);
  EXPECT_FALSE(decide({{"Cookie", no + "; gpp_sid=7_2"}}, "US").personalization);
  EXPECT_FALSE(decide({{"Cookie", no + "; gpp_sid=x"}}, "US").personalization);
  EXPECT_TRUE(decide({{"Cookie", no + "; gpp_sid=7"}}, "US").personalization);
  EXPECT_TRUE(decide({{"Cookie", no + "; gpp_sid=7,8"}}, "US").personalization);
  EXPECT_FALSE(decide({{"Cookie", no + "; euconsent-v2=" + tcf_string({1, 5, 6})}}).personalization) << "both";
  EXPECT_EQ(decide({{"Cookie", yes + "; euconsent-v2=" + tcf_string({1, 5, 6})}}).source, ConsentSource::tcf);
}

TEST_F(ConsentTest, IsNotFoundInAGppStringThatCannotBeRead) {
  settings_.permissive_countries = {"US"};
  settings_.cookies = {{"consent", ""}};
  const auto with = [&](const std::string& gpp) { return decide({{"Cookie", "consent=all; gpp=" + gpp}}, "US"); };
  const std::string good = usnat(2);
  ASSERT_TRUE(with(good).personalization);
  for (std::size_t size = 1; size < 11; ++size)  // what follows is not an opt-out
    EXPECT_FALSE(with(good.substr(0, size)).personalization) << size;
  for (const std::string& wrong :
       {good + "~", good + "~1YNN", "~" + good, good + "!", "x" + good, good + ".!", good + ".", good + "..QA",
        std::string("DBAB"), std::string("DBABTA"), std::string("DBABTA~"), std::string("DBABTA~~"),
        std::string("DB__"), std::string("DBA_____"), "CBABLA" + good.substr(6), "DCABLA" + good.substr(6),
        std::string(5000, 'D'), good + std::string(5000, 'A')})
    EXPECT_FALSE(with(wrong).personalization) << wrong.substr(0, 80);
  std::mt19937 random(22);
  for (int round = 0; round < 20000; ++round) {
    std::string text = good;
    for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes)
      text[random() % text.size()] = "ABDLYQgw019-_.~"[random() % 15];
    parse_gpp(text);
    std::string noise(random() % 60, ' ');
    for (char& c : noise) c = static_cast<char>(random());
    EXPECT_FALSE(parse_gpp(noise)) << noise;
    parse_us_privacy(noise);
    gpp_section_applies(2, noise);
  }
}

TEST_F(ConsentTest, FollowsTheSitesCookieByAnExpression) {
  settings_.cookies = {{"choice", "cookie.contains('personal:yes')"}};
  EXPECT_TRUE(decide({{"Cookie", "choice=ads:no|personal:yes"}}).personalization);
  EXPECT_FALSE(decide({{"Cookie", "choice=personal:no"}}).personalization);
  EXPECT_FALSE(decide({{"Cookie", "choice=\xff"}}).personalization);
  EXPECT_EQ(decide({{"Cookie", "choice=personal:no"}}).source, ConsentSource::cookie);
  settings_.cookies[0].expression = "int(cookie) > 0";
  EXPECT_FALSE(decide({{"Cookie", "choice=many"}}).personalization) << "an error is no consent";
  EXPECT_TRUE(decide({{"Cookie", "choice=7"}}).personalization);
  for (const char* wrong : {"cookie +", "cookie", "cooky == 'a'"}) {
    settings_.cookies[0].expression = wrong;
    EXPECT_THROW(ConsentPolicy{settings_}, ConfigurationError) << wrong;
  }
}

TEST_F(ConsentTest, TheFirstCookieThatIsThereDecides) {
  settings_.cookies = {{"choice", "cookie == 'yes'"}, {"banner", ""}};
  EXPECT_FALSE(decide({{"Cookie", "banner=seen; choice=no"}}).personalization);
  EXPECT_TRUE(decide({{"Cookie", "banner=seen"}}).personalization);
  EXPECT_TRUE(decide({{"Cookie", "choice=yes"}}).personalization);
}

TEST_F(ConsentTest, IsTakenForGrantedInPermissiveCountriesOnly) {
  settings_.permissive_countries = {"US"};
  EXPECT_TRUE(decide({}, "US").personalization);
  EXPECT_FALSE(decide({}, "DE").personalization);
  EXPECT_FALSE(decide({}, "").personalization);
  EXPECT_FALSE(decide({{"Sec-GPC", "1"}}, "US").personalization);
}

TEST(ConsentPlugin, ResolvesItsAttributes) {
  Settings settings;
  settings.consent.required = true;
  const std::string cookie = "euconsent-v2=" + tcf_string({1, 8});
  const Header headers[] = {{"Cookie", cookie}};
  auto consent = Resolved::of<ConsentPlugin>(settings);
  consent.resolve({.headers = headers});
  EXPECT_FALSE(consent["consent.personalization"].as_bool());
  EXPECT_TRUE(consent["consent.measurement"].as_bool());
  EXPECT_EQ(consent.text("consent.source"), "tcf");
  ASSERT_EQ(consent["consent.tcf_purposes"].as_list().size(), 2u);
  EXPECT_EQ(consent["consent.tcf_purposes"].as_list()[1].as_int64(), 8);
  ASSERT_EQ(consent["consent.tcf_special_features"].as_list().size(), 1u);
  EXPECT_EQ(consent["consent.tcf_special_features"].as_list()[0].as_int64(), 1);
  EXPECT_FALSE(consent["consent.gpc"].as_bool());
}

TEST(ConsentPlugin, DecidesWhetherTheProfileIsLookedUp) {
  geo::TemporaryFolder folder;
  Settings settings;
  settings.geo_databases = {
      folder.write("country.mmdb", geo::MmdbBuilder("GeoIP2-Country")
                                       .add("192.0.2.0/24", {{"country", {{"iso_code", "US"}}}})
                                       .add("198.51.100.0/24", {{"country", {{"iso_code", "DE"}}}})
                                       .build())};
  settings.consent.required = true;
  settings.consent.permissive_countries = {"US"};
  std::vector<std::unique_ptr<BuiltInPlugin>> plugins;
  plugins.push_back(std::make_unique<GeoPlugin>());
  plugins.push_back(std::make_unique<ConsentPlugin>());
  plugins.push_back(std::make_unique<ProfilePlugin>());
  Resolved all(std::move(plugins), settings, {{"profile.tier", "string"}});
  const auto asks = [&](std::string_view address) {
    const Request request{.address = address, .visitor = "v-1"};
    all.resolve(request);
    return !all.needs(request).empty();
  };
  EXPECT_TRUE(asks("192.0.2.1"));
  EXPECT_FALSE(asks("198.51.100.1"));
  EXPECT_FALSE(asks(""));
}

/// A third party's plugin, which ignores consent.
class Nosy : public BuiltInPlugin {
 public:
  std::string_view name() const override { return "nosy"; }
  std::span<const AttributeRow> attributes() const override {
    static constexpr AttributeRow rows[] = {{"secret", {rules::Kind::string}}};
    return rows;
  }
  void needs(const Request&, Fetches& fetches) const override { fetches.redis("GET", "secret"); }
  void resolve(const Request&, std::span<const Reply>, Attributes&) const override {}
};

TEST(ConsentPlugin, DecidesWhatOtherPluginsMayAskAboutTheVisitor) {
  Settings settings;
  settings.consent.required = true;
  settings.consent.cookies = {{"consent", ""}};
  std::vector<std::unique_ptr<BuiltInPlugin>> plugins;
  plugins.push_back(std::make_unique<ConsentPlugin>());
  plugins.push_back(std::make_unique<Nosy>());
  Resolved all(std::move(plugins), settings);
  const Header agreed[] = {{"Cookie", "consent=yes"}};
  all.resolve({.visitor = "v-1"});
  EXPECT_TRUE(all.needs({.visitor = "v-1"}).empty());
  const Request request{.visitor = "v-1", .headers = agreed};
  all.resolve(request);
  EXPECT_EQ(all.needs(request).size(), 1u);
}

}  // namespace
}  // namespace personalize::plugins
