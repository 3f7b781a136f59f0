#include "plugins/request/language_matcher.h"

#include <gtest/gtest.h>

#include <random>

#include "plugins/request/language.h"

namespace personalize::plugins {
namespace {

/// The best of the shop's languages ("en de") for an Accept-Language header.
std::string best(const std::string& shop, std::string_view header) {
  std::vector<std::string> offered;
  for (std::size_t start = 0; start < shop.size();) {
    const auto end = std::min(shop.find(' ', start), shop.size());
    offered.push_back(shop.substr(start, end - start));
    start = end + 1;
  }
  std::pmr::monotonic_buffer_resource memory;
  return std::string(LanguageMatcher(offered).best(accepted_languages(header, memory)));
}

TEST(LanguageMatcher, TakesTheVisitorsFirstThatIsOffered) {
  EXPECT_EQ(best("en de pt-BR", "de-AT, en;q=0.5"), "de");
  EXPECT_EQ(best("en de pt-BR", "fr, de;q=0.5"), "de");
  EXPECT_EQ(best("en de pt-BR", "pt"), "pt-BR");
  EXPECT_EQ(best("en de pt-BR", "pt-PT, pt;q=0.9, en;q=0.8"), "pt-BR") << "a variant is better than another language";
  EXPECT_EQ(best("en de", "DE"), "de");
  EXPECT_EQ(best("en de", "ca, de"), "de") << "Spanish is near Catalan, but she named German";
  EXPECT_EQ(best("de es en", "ca"), "de") << "languages are never exchanged: the shop's first";
  EXPECT_EQ(best("de no", "da"), "de");
}

TEST(LanguageMatcher, TakesTheShopsFirstIfNothingFits) {
  EXPECT_EQ(best("en de", "fr"), "en");
  EXPECT_EQ(best("en de", ""), "en");
  EXPECT_EQ(best("en de", "x-klingon, *, qqq-ZZ"), "en");
  EXPECT_EQ(best("", "fr"), "");
}

TEST(LanguageMatcher, GoesByScript) {
  EXPECT_EQ(best("zh-Hans zh-Hant", "zh-TW"), "zh-Hant");
  EXPECT_EQ(best("zh-Hans zh-Hant", "zh-HK"), "zh-Hant");
  EXPECT_EQ(best("zh-Hans zh-Hant", "zh-MO"), "zh-Hant");
  EXPECT_EQ(best("zh-Hant zh-Hans", "zh-CN"), "zh-Hans");
  EXPECT_EQ(best("zh-Hant zh-Hans", "zh-SG, zh"), "zh-Hans");
  EXPECT_EQ(best("zh-Hant zh-Hans", "zh"), "zh-Hans");
  EXPECT_EQ(best("zh zh-TW", "zh-HK"), "zh-TW") << "zh is zh-Hans";
  EXPECT_EQ(best("zh zh-Hant", "zh-TW, zh;q=0.9"), "zh-Hant");
  EXPECT_EQ(best("zh-CN zh-TW", "zh-Hant-HK"), "zh-TW");
  EXPECT_EQ(best("zh-TW zh-HK", "zh-MO"), "zh-HK") << "the nearer region";
  EXPECT_EQ(best("zh-CN zh-TW", "cmn-TW"), "zh-TW");
  EXPECT_EQ(best("zh-CN zh-TW", "yue"), "zh-TW");
  EXPECT_EQ(best("sr sr-Latn", "sr-Latn-RS"), "sr-Latn");
  EXPECT_EQ(best("sr-Latn sr-Cyrl", "sr"), "sr-Cyrl");
  EXPECT_EQ(best("sr-Cyrl sr-Latn", "sr-ME"), "sr-Latn");
  EXPECT_EQ(best("sr-Cyrl sr-Latn", "sh"), "sr-Latn");
  EXPECT_EQ(best("en sr", "sr-Latn, en;q=0.5"), "sr") << "Serbs read both";
  EXPECT_EQ(best("uz-Cyrl uz", "uz-UZ"), "uz");
  EXPECT_EQ(best("pa pa-Arab", "pa-PK"), "pa-Arab");
  EXPECT_EQ(best("en az", "az-Arab, en"), "en") << "a script that she may not read";
  EXPECT_EQ(best("en az", "az-Arab"), "az") << "better than another language";
}

TEST(LanguageMatcher, KnowsMacroLanguagesAndOldCodes) {
  for (const char* offered : {"no", "nb", "nn"})
    for (const char* visitor : {"no", "nb", "nn", "nb-NO", "no-NO", "nn-NO"})
      EXPECT_EQ(best(std::string("en ") + offered, visitor), offered) << visitor;
  EXPECT_EQ(best("nn nb", "no"), "nb");
  EXPECT_EQ(best("nb nn", "nn-NO, nb;q=0.9"), "nn");
  const std::pair<const char*, const char*> alike[] = {{"iw", "he"},  {"in", "id"},      {"ji", "yi"},
                                                       {"tl", "fil"}, {"cmn", "zh"},     {"arb", "ar"},
                                                       {"mo", "ro"},  {"sh", "sr-Latn"}, {"zsm", "ms"}};
  for (const auto& [a, b] : alike) {
    EXPECT_EQ(best(std::string("en ") + b, a), b);
    EXPECT_EQ(best(std::string("en ") + a, b), a);
  }
}

TEST(LanguageMatcher, TakesTheNearestVariant) {
  EXPECT_EQ(best("en-US en-GB", "en-AU"), "en-GB");
  EXPECT_EQ(best("en-GB en-US", "en"), "en-US");
  EXPECT_EQ(best("es es-419", "es-MX"), "es-419");
  EXPECT_EQ(best("pt-BR pt-PT", "pt-AO"), "pt-PT");
  EXPECT_EQ(best("de-CH de", "de-AT"), "de");
  EXPECT_EQ(best("de de-AT", "de-AT"), "de-AT");
  EXPECT_EQ(best("de de-formal", "de-formal"), "de-formal") << "tags that ICU does not know";
}

TEST(LanguageMatcher, RemembersWithoutMixingUp) {
  const unsigned seed = 20261129;
  std::mt19937 random(seed);
  const char* const tags[] = {"en", "de-AT", "zh-TW", "zh", "nb", "iw", "sr-Latn", "pt", "fr-CA", "ja", "x-y", "de"};
  const std::vector<std::string> shop = {"en", "de", "zh-Hant", "no", "he", "sr", "pt-BR", "fr"};
  const LanguageMatcher remembering(shop);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string_view> accepted;
    for (unsigned n = random() % 4; n > 0; --n) accepted.emplace_back(tags[random() % std::size(tags)]);
    ASSERT_EQ(remembering.best(accepted), LanguageMatcher(shop).best(accepted))
        << "round " << round << " of seed " << seed;
  }
}

}  // namespace
}  // namespace personalize::plugins
