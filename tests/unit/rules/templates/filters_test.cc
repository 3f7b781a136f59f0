#include "rules/templates/filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>

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
         "tags: list<string>, left: duration, days: list<timestamp>, by: \"map<string, timestamp>\", raw: bytes, any: "
         "dyn } }\nslots: { a: { select: a } }\nrules:\n  - id: r\n    slot: a\n    do:\n      inner: "
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
  EXPECT_EQ(render("{{profile.total | money: \"JPY\"}}", "ja-JP"), "\uffe51,235") << "half is rounded up";
  EXPECT_EQ(render("{{profile.total | money: \"EUR\", 0}}", "fr-FR"), "1\u202f235\u00a0€");
  EXPECT_EQ(render("{{profile.total | money: \"EUR\"}}", "<script>"), "€1,234.50") << "an unknown locale is English";
}

/// With that total.
std::string render_total(const std::string& filters, double total, const char* locale = "en-IE") {
  Loaded loaded(file("{{profile.total" + filters + "}}"));
  if (!loaded) return loaded.messages()[0];
  loaded.know("profile.total", Value::real(total)).know("request.locale", locale);
  return std::string(loaded.edits()[0].content);
}

TEST(Filters, RoundHalfAwayFromZeroAsIntlDoes) {
  EXPECT_EQ(render_total("| money: \"EUR\", 0", 2.5), "€3");
  EXPECT_EQ(render_total("| money: \"EUR\", 0", -2.5), "-€3");
  EXPECT_EQ(render_total("| money: \"EUR\"", 0.125), "€0.13");
  EXPECT_EQ(render_total("| money: \"EUR\"", 1.005), "€1.01");
  EXPECT_EQ(render_total("| money: \"KWD\"", 0.0005), "KWD\u00a00.001");
  EXPECT_EQ(render_total("| money: \"JPY\"", 0.5), "JP¥1");
  EXPECT_EQ(render_total("| number: 1", 0.25), "0.3");
  EXPECT_EQ(render_total("| number", 1234.5675), "1,234.568");
  EXPECT_EQ(render_total("| percent", 0.125), "13%");
  EXPECT_EQ(render_total("| money: \"EUR\"", -0.001), "-€0.00");
}

TEST(Filters, WriteNothingForNumbersThatAreNone) {
  for (double none : {__builtin_nan(""), __builtin_inf(), -__builtin_inf()}) {
    for (const char* filters : {"", "| number", "| money: \"EUR\"", "| percent", "| date", "| upper", "| truncate: 3"})
      EXPECT_EQ(render_total(filters, none), "") << filters;
    EXPECT_EQ(render_total("| default: \"ask us\"", none), "ask us");
    EXPECT_EQ(
        render_total("}}{{#profile.total}}known{{/profile.total}}{{^profile.total}}unknown{{/profile.total", none),
        "unknown");
    EXPECT_EQ(render_total("| json", none), "null");
  }
}

TEST(Filters, WriteNumbersAndPercentages) {
  EXPECT_EQ(render("{{profile.points | number}}", "de-DE"), "1.234.567");
  EXPECT_EQ(render("{{profile.total | number: 3}}"), "1,234.500");
  EXPECT_EQ(render("{{profile.total | percent}}"), "123,450%");
}

/// Of text.
std::string render_day(const std::string& filters, const std::string& day, const char* locale = "en-GB") {
  Loaded loaded(file("{{profile.day | " + filters + "}}"));
  if (!loaded) return loaded.messages()[0];
  loaded.know("profile.day", day).know("request.locale", locale);
  return std::string(loaded.edits()[0].content);
}

TEST(Filters, CountDaysOfAllYearsInOneCalendar) {
  EXPECT_EQ(render_day("date: full", "1969-07-20"), "Sunday, 20 July 1969");
  EXPECT_EQ(render_day("date: full", "1582-10-15"), "Friday, 15 October 1582");
  EXPECT_EQ(render_day("date: full", "1582-10-14"), "Thursday, 14 October 1582") << "no days were skipped";
  EXPECT_EQ(render_day("date: full", "1066-10-14"), "Sunday, 14 October 1066");
  EXPECT_EQ(render_day("date: long", "0001-01-01"), "1 January 1");
  EXPECT_EQ(render_day("date: GyMMMMd", "-0043-03-15"), "15 March 44 BC");
  EXPECT_EQ(render_day("date: GyMMMMd", "0000-02-29"), "29 February 1 BC");
  EXPECT_EQ(render_day("date: long", "+012026-01-01"), "1 January 12026");
  for (const char* text :
       {"2026-02-29", "2026-13-01", "2026-1-1", "soon", "-43-03-15", "26-01-01", "2026-12-24 ", "", "-", "+99"})
    EXPECT_EQ(render_day("date", text), text) << "no day";
  EXPECT_EQ(render_day("date: long", "-999999-01-01"), "") << "no calendar has it";
}

TEST(Filters, GoByTheTimeZonesThatRulesGoBy) {
  const auto clock = [](std::int64_t seconds, const char* zone) {
    Loaded loaded(file("{{profile.since | time}}"));
    loaded.know("profile.since", Value::timestamp(seconds, 0)).know("request.locale", "en-GB").know("time.zone", zone);
    return std::string(loaded.edits()[0].content);
  };
  EXPECT_EQ(clock(1783468800, "America/Mexico_City"), "18:00") << "in July 2026: summer time has been abolished";
  EXPECT_EQ(clock(1783468800, "Asia/Almaty"), "05:00");
  EXPECT_EQ(clock(1783468800, "Africa/Cairo"), "03:00");
  EXPECT_EQ(clock(1783468800, "Europe/Dublin"), "01:00") << "after one with an offset of its own";
  EXPECT_EQ(clock(2541024000, "Europe/Berlin"), "02:00") << "in July 2050";
  EXPECT_EQ(clock(2541024000, "America/Mexico_City"), "18:00");
}

TEST(Filters, WriteTimesForPeopleAndForPrograms) {
  const auto shown = [](const std::string& content, const char* locale) {
    Loaded loaded(file(content));
    EXPECT_THAT(loaded.messages(), IsEmpty()) << content;
    static const Value days[] = {Value::timestamp(1795370400, 0), Value::timestamp(1795456800, 0)};
    static const MapEntry by[] = {{Value::string("first"), days[0]}};
    loaded.know("profile.since", days[0]).know("profile.left", Value::duration(5490, 0));
    loaded.know("profile.days", Value::list(days)).know("profile.by", Value::map(by));
    loaded.know("request.locale", locale).know("time.zone", "Europe/Berlin");
    return std::string(loaded.edits()[0].content);
  };
  EXPECT_EQ(shown("{{profile.since}}", "en-GB"), "22 Nov 2026, 19:00");
  EXPECT_EQ(shown("{{profile.since}}", "de-DE"), "22.11.2026, 19:00");
  EXPECT_EQ(shown("{{profile.left}}", "en-GB"), "1 hour, 31 minutes, 30 seconds");
  EXPECT_EQ(shown("{{profile.left}}", "de-DE"), "1 Stunde, 31 Minuten und 30 Sekunden");
  EXPECT_EQ(shown("{{profile.days}}", "de-DE"), "22.11.2026, 19:00, 23.11.2026, 19:00");
  EXPECT_EQ(shown("{{profile.days | join: \" / \"}}", "de-DE"), "22.11.2026, 19:00 / 23.11.2026, 19:00");
  EXPECT_EQ(shown("{{#profile.days}}<i>{{.}}</i>{{/profile.days}}", "de-DE"),
            "<i>22.11.2026, 19:00</i><i>23.11.2026, 19:00</i>");
  EXPECT_EQ(shown("{{#profile.by}}{{first}}{{/profile.by}} {{profile.by.first}}", "de-DE"),
            "22.11.2026, 19:00 22.11.2026, 19:00");
  EXPECT_EQ(shown("{{profile.since | default: \"x\"}} {{profile.left | date}}", "en-GB"),
            "22 Nov 2026, 19:00 1 hour, 31 minutes, 30 seconds");
  EXPECT_EQ(shown("<time datetime=\"{{profile.since}}\"></time>", "de-DE"),
            "<time datetime=\"2026-11-22T18:00:00Z\"></time>");
  EXPECT_EQ(shown("<i title=\"{{profile.since}}\" data-x=\"{{profile.left}}\"></i>", "de-DE"),
            "<i title=\"22.11.2026, 19:00\" data-x=\"5490s\"></i>");
  EXPECT_EQ(shown("<a href=\"/x?since={{profile.since}}&amp;left={{profile.left}}\"></a>", "de-DE"),
            "<a href=\"/x?since=2026-11-22T18%3A00%3A00Z&amp;left=5490s\"></a>");
  EXPECT_EQ(shown("<i data-by=\"{{profile.by | json}}\" data-left=\"{{profile.left | json}}\"></i>", "de-DE"),
            "<i data-by=\"{&quot;first&quot;:&quot;2026-11-22T18:00:00Z&quot;}\" data-left=\"5490\"></i>");
}

TEST(Filters, WriteTimesForPeopleIntoAttributesThatTheyRead) {
  const auto value = [](const std::string& name) {
    Loaded loaded(
        "version: 1\nattributes: { profile: { since: timestamp } }\nslots: { a: { select: a } }\nrules:\n"
        "  - { id: r, slot: a, do: { set_attribute: { name: " +
        name + ", value: '{{profile.since}}' } } }\n");
    EXPECT_THAT(loaded.messages(), IsEmpty()) << name;
    loaded.know("profile.since", Value::timestamp(1795370400, 0)).know("request.locale", "de");
    return std::string(loaded.edits()[0].value);
  };
  EXPECT_EQ(value("title"), "22.11.2026, 18:00");
  EXPECT_EQ(value("ARIA-Label"), "22.11.2026, 18:00");
  EXPECT_EQ(value("datetime"), "2026-11-22T18:00:00Z");
  EXPECT_EQ(value("data-until"), "2026-11-22T18:00:00Z");
}

TEST(Filters, WriteDurationsOfAllSizes) {
  const auto written = [](std::int64_t seconds, std::int32_t nanos) {
    Loaded loaded(file("{{profile.left}}"));
    loaded.know("profile.left", Value::duration(seconds, nanos)).know("request.locale", "en");
    return std::string(loaded.edits()[0].content);
  };
  EXPECT_EQ(written(0, 0), "0 seconds");
  EXPECT_EQ(written(1, 500'000'000), "1.5 seconds");
  EXPECT_EQ(written(0, -250'000'000), "-0.25 seconds");
  EXPECT_EQ(written(60, 1), "1 minute");
  EXPECT_EQ(written(-90'061, 0), "-1 day, 1 hour, 1 minute, 1 second");
  EXPECT_EQ(written(172'800, 0), "2 days");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min(), 0),
            "-106,751,991,167,300 days, 15 hours, 30 minutes, 8 seconds");
}

TEST(Filters, WriteTimesForProgramsWhereTheTypeIsNotKnown) {
  Loaded loaded(file("{{profile.any}}"));
  loaded.know("profile.any", Value::timestamp(1795370400, 0)).know("request.locale", "de");
  EXPECT_EQ(loaded.edits()[0].content, "2026-11-22T18:00:00Z");
  for (const Value& none : {Value::bytes("x"), Value::map({}), Value::null(), Value::timestamp(1LL << 62, 0)})
    EXPECT_EQ(loaded.know("profile.any", none).edits()[0].content, "") << static_cast<int>(none.kind());
  static const Value mixed[] = {Value::map({}), Value::int64(1), Value::null(), Value::bytes("x"),
                                Value::boolean(true)};
  EXPECT_EQ(loaded.know("profile.any", Value::list(mixed)).edits()[0].content, "1, true")
      << "and no commas for the others";
}

TEST(Filters, AreRefusedWhereTheyOrTheirValueMakeNoSense) {
  const auto message = [](const std::string& content) {
    const Loaded loaded(file(content));
    return loaded.messages().empty() ? std::string() : loaded.messages()[0];
  };
  EXPECT_EQ(
      message("{{profile.by}}"),
      "rules.yaml:8:17: `profile.by` is map<string, timestamp>: write one of its values, {{profile.by.NAME}}, or all "
      "of them as {{profile.by | json}}");
  EXPECT_THAT(message("{{profile.by | default: \"x\"}}"), HasSubstr("`profile.by` is map<string, timestamp>"));
  EXPECT_THAT(message("{{#profile.by}}{{.}}{{/profile.by}}"),
              HasSubstr("`.` is map<string, timestamp>: write one of its "));
  EXPECT_THAT(message("{{profile.raw}}"), HasSubstr("`profile.raw` is bytes, which has no text: declare it as string"));
  EXPECT_EQ(message("{{profile.raw | json}} {{profile.by | size}} {{#profile.by}}x{{/profile.by}} {{profile.any}}"),
            "");
  EXPECT_THAT(message("{{profile.points | size}}"),
              HasSubstr("`size` cannot be asked of `profile.points`, which is int"));
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
