#include "rules/templates/filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/unit/folders.h"
#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string file(const std::string& content) {
  return "version: 1\nattributes: { profile: { total: double, points: int, since: timestamp, day: string, name: "
         "string, "
         "tags: list<string> } }\nslots: { a: { select: a } }\nrules:\n  - id: r\n    slot: a\n    do:\n      inner: "
         "'" +
         content + "'\n";
}

/// What a visitor in that locale and zone sees.
std::string render(const std::string& content, const char* locale = "en-IE", const char* zone = "Europe/Dublin") {
  Loaded loaded(file(content));
  EXPECT_THAT(loaded.messages(), IsEmpty()) << content;
  if (!loaded) return {};
  static const Value tags[] = {Value::string("rain"), Value::string("sn<w")};
  loaded.know("profile.total", Value::real(1234.5)).know("profile.points", Value::int64(1234567));
  loaded.know("profile.since", Value::timestamp(1795370400, 0)).know("profile.day", "2026-12-24");
  loaded.know("profile.name", "işık ÄRGER").know("profile.tags", Value::list(tags));
  loaded.know("request.locale", locale).know("time.zone", zone);
  return std::string(loaded.edits()[0].content);
}

TEST(Filters, WriteMoneyAsTheVisitorsLocaleHasIt) {
  EXPECT_EQ(render("{{profile.total | money: \"EUR\"}}"), "€1,234.50");
  EXPECT_EQ(render("{{profile.total | money: \"EUR\"}}", "de-DE"), "1.234,50\u00a0€");
  EXPECT_EQ(render("{{profile.total | money: \"JPY\"}}", "ja-JP"), "\uffe51,234");
  EXPECT_EQ(render("{{profile.total | money: \"EUR\", 0}}", "fr-FR"), "1\u202f234\u00a0€");
  EXPECT_EQ(render("{{profile.total | money: \"EUR\"}}", "<script>"), "€1,234.50") << "an unknown locale is English";
}

TEST(Filters, WriteNumbersAndPercentages) {
  EXPECT_EQ(render("{{profile.points | number}}", "de-DE"), "1.234.567");
  EXPECT_EQ(render("{{profile.total | number: 3}}"), "1,234.500");
  EXPECT_EQ(render("{{profile.total | percent}}"), "123,450%");
}

TEST(Filters, WriteDatesInTheVisitorsLanguageAndZone) {
  EXPECT_EQ(render("{{profile.since | date}}", "en-GB"), "22 Nov 2026");
  EXPECT_EQ(render("{{profile.since | date: long}}", "de-AT", "Europe/Vienna"), "22. November 2026");
  EXPECT_EQ(render("{{profile.since | time}}", "de-AT", "Europe/Vienna"), "19:00");
  EXPECT_EQ(render("{{profile.since | time}}", "de-AT", "Asia/Tokyo"), "03:00");
  EXPECT_EQ(render("{{profile.since | date: \"EEEEdMMMM\"}}", "de-DE", "Asia/Tokyo"), "Montag, 23. November");
  EXPECT_EQ(render("{{profile.day | date: long}}", "en-GB", "America/Los_Angeles"), "24 December 2026")
      << "a day has no zone";
  EXPECT_EQ(render("{{profile.since | time}}", "de-DE", "No/Where"), "18:00");
}

/// What a visitor with that locale sees on the page of a shop that speaks `language` to them.
std::string spoken(const std::string& content, const char* language, const char* locale) {
  Loaded loaded(file(content));
  if (!loaded) return {};
  loaded.know("profile.total", Value::real(1234.5))
      .know("profile.day", "2026-12-24")
      .know("profile.name", "free shipping");
  loaded.know("request.locale", locale).speak(language);
  return std::string(loaded.edits()[0].content);
}

TEST(Filters, SpeakTheLanguageOfThePageAndNoneThatTheShopLacks) {
  const std::string all = "{{profile.day | date: long}}, {{profile.total | money: \"EUR\"}}, {{profile.name | upper}}";
  const std::string english = "December 24, 2026, €1,234.50, FREE SHIPPING";
  for (const char* locale : {"fa-IR", "th-TH", "ar-EG", "tr-TR", "fr", "en", "en-US", "en-TH", "en-US-u-ca-buddhist",
                             "en-US-u-nu-arab", "<script>"})
    EXPECT_EQ(spoken(all, "en", locale), english) << locale;
  EXPECT_EQ(spoken(all, "en", "en-GB"), "24 December 2026, €1,234.50, FREE SHIPPING")
      << "the shop leaves the country open";
  EXPECT_EQ(spoken(all, "en-US", "en-GB"), english) << "this one does not";
  EXPECT_EQ(spoken("{{profile.total | number}}", "de", "de-CH"), "1’234.5");
  EXPECT_EQ(spoken("{{profile.total | number}}", "ar-EG-u-nu-latn", "ar-EG"), "1,234.5") << "digits as the shop says";
  EXPECT_EQ(spoken("{{profile.name | upper}}", "tr", "en"), "FREE SHİPPİNG");
}

TEST(Filters, KeepTheScriptOfThePage) {
  EXPECT_EQ(spoken("{{profile.day | date: \"MMMM\"}}", "sr", "sr-Latn-RS"), "децембар");
  EXPECT_EQ(spoken("{{profile.day | date: \"MMMM\"}}", "sr-Latn", "sr-Cyrl-RS"), "decembar");
  EXPECT_EQ(spoken("{{profile.day | date: \"EEE\"}}", "zh", "zh-TW"), "周四");
  EXPECT_EQ(spoken("{{profile.day | date: \"EEE\"}}", "zh-Hant", "zh-TW"), "週四");
}

TEST(Filters, SpeakTheVisitorsLanguageWhereTheShopOffersNone) {
  const auto seen = [](const char* language, const char* locale) {
    Loaded loaded(file("{{profile.day | date: \"EEE\"}}"));
    loaded.know("profile.day", "2026-12-24").know("request.locale", locale).know("request.language", language);
    return std::string(loaded.edits()[0].content);
  };
  EXPECT_EQ(seen("zh", "zh-TW"), "週四");
  EXPECT_EQ(seen("fr", "de-AT"), "jeu.") << "an explanation may assume another one";
  EXPECT_EQ(render("{{profile.day | date: long}}", "en-TH"), "December 24, 2026") << "no calendar of another language";
  EXPECT_EQ(render("{{profile.day | date: long}}", "th"), "24 ธันวาคม 2569");
  EXPECT_EQ(render("{{profile.day | date: long}}", "xx-XX"), "December 24, 2026");
}

TEST(Filters, ChangeText) {
  EXPECT_EQ(render("{{profile.name | upper}}", "tr"), "İŞIK ÄRGER");
  EXPECT_EQ(render("{{profile.name | upper}}", "de"), "IŞIK ÄRGER");
  EXPECT_EQ(render("{{profile.name | capitalize}}", "tr"), "İşık ÄRGER");
  EXPECT_EQ(render("{{profile.name | lower | truncate: 6}}", "de"), "işık …");
  EXPECT_EQ(render("{{geo.city | default: \"there\"}}"), "there");
  EXPECT_EQ(render("{{profile.tags | join: \" & \"}}"), "rain &amp; sn&lt;w");
  EXPECT_EQ(render("{{profile.tags | size}}"), "2");
}

TEST(Filters, GiveScriptsDataAsJson) {
  EXPECT_EQ(render("<script>var t = {{profile.tags | json}}</script>"),
            "<script>var t = [\"rain\",\"sn\\u003cw\"]</script>");
  EXPECT_EQ(render("<p data-t=\"{{profile.tags | json}}\"></p>"),
            "<p data-t=\"[&quot;rain&quot;,&quot;sn&lt;w&quot;]\"></p>");
}

TEST(Filters, LeaveAloneWhatTheyAreNotFor) {
  EXPECT_EQ(render("{{profile.day | money: \"EUR\"}}"), "2026-12-24");
  EXPECT_EQ(render("{{geo.city | upper}}"), "");
}

TEST(Filters, AskForTheVisitorsLocaleAndZone) {
  const Loaded loaded(file("{{profile.since | date}}"));
  std::vector<std::string> names;
  for (AttributeId id : loaded.set().used_attributes()) names.push_back(loaded.set().schema()[id].name);
  EXPECT_THAT(names, ElementsAre("time.zone", "request.locale", "request.language", "profile.since"));
}

TEST(Filters, AreAllInTheDocuments) {
  std::ifstream stream(source_folder() / "docs" / "rules.md");
  const std::string document{std::istreambuf_iterator<char>(stream), {}};
  for (std::string_view name : templates::filter_names()) {
    const std::string start = "`" + std::string(name);
    EXPECT_TRUE(document.find(start + "`") != document.npos || document.find(start + ": ") != document.npos) << name;
  }
}

TEST(Filters, SayWhatIsWrongWithThem) {
  const auto message = [](const std::string& content) {
    const Loaded loaded(file(content));
    return loaded.messages().empty() ? std::string() : loaded.messages()[0];
  };
  EXPECT_EQ(message("{{profile.total | mony: \"EUR\"}}"),
            "rules.yaml:8:33: unknown filter `mony`, did you mean money?");
  EXPECT_THAT(message("{{profile.total | money}}"), HasSubstr("money needs a currency"));
  EXPECT_THAT(message("{{profile.total | number: x}}"), HasSubstr("must be 0 to 9"));
  EXPECT_THAT(message("{{profile.total | date: \"rm -rf\"}}"), HasSubstr("date takes short, medium"));
  EXPECT_THAT(message("{{profile.total | }}"), HasSubstr("the name of a filter is missing"));
  EXPECT_THAT(message("{{profile.total | default: \"x}}"), HasSubstr("the quote is not closed"));
  EXPECT_THAT(message("{{profile.total | truncate: 0}}"), HasSubstr("truncate needs a number"));
}

}  // namespace
}  // namespace personalize::rules
