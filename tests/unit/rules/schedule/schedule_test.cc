#include "rules/schedule/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/schedule/recurrence.h"
#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Microseconds since 1970 of "2026-10-01T08:00Z".
std::int64_t at(std::string_view text) { return Bound::parse(text).value().seconds * 1'000'000; }

/// Whether a rule with that schedule applies at that moment, to a visitor in `zone`.
bool applies(const std::string& schedule, std::string_view moment, std::string_view zone = {},
             std::string_view configured_zone = {}) {
  Loaded loaded(
      "version: 1\nholidays: { ireland: [03-17, 2026-04-06, 12-24..01-02] }\nslots: { a: { select: a } }\n"
      "rules: [ { id: r, slot: a, schedule: " +
      schedule + ", do: { inner: x } } ]\n");
  EXPECT_THAT(loaded.messages(), IsEmpty()) << schedule;
  const bool won = loaded.decide("/", at(moment), zone, configured_zone) == "a=r";
  EXPECT_EQ(loaded.explain("/", at(moment), zone, configured_zone)[0].won, won);
  return won;
}

TEST(Schedule, IncludesItsFirstAndLastDay) {
  const std::string schedule = "{ from: 2026-10-01, until: 2026-10-03 }";
  EXPECT_FALSE(applies(schedule, "2026-09-30T23:59Z"));
  EXPECT_TRUE(applies(schedule, "2026-10-01T00:00Z"));
  EXPECT_TRUE(applies(schedule, "2026-10-03T23:59Z"));
  EXPECT_FALSE(applies(schedule, "2026-10-04T00:00Z"));
}

TEST(Schedule, TakesMomentsOnItsClockOrAnywhere) {
  const std::string local = "{ from: 2026-07-01T08:00, until: 2026-07-01T09:00, timezone: Europe/Berlin }";
  EXPECT_FALSE(applies(local, "2026-07-01T05:59Z"));
  EXPECT_TRUE(applies(local, "2026-07-01T06:00Z"));
  EXPECT_FALSE(applies(local, "2026-07-01T07:00Z"));
  const std::string absolute = "{ from: '2026-07-01T08:00:30+02:00', timezone: Asia/Tokyo }";
  EXPECT_FALSE(applies(absolute, "2026-07-01T06:00:29Z"));
  EXPECT_TRUE(applies(absolute, "2026-07-01T06:00:30Z"));
}

TEST(Schedule, FollowsTheVisitorsClockAndFallsBackToTheNamedZone) {
  const std::string schedule = "{ hours: '07:00-22:00', timezone: visitor }";
  EXPECT_FALSE(applies(schedule, "2026-11-22T06:30Z"));
  EXPECT_TRUE(applies(schedule, "2026-11-22T06:30Z", "Europe/Berlin"));
  EXPECT_FALSE(applies(schedule, "2026-11-22T21:30Z", "Europe/Berlin"));
  EXPECT_TRUE(applies(schedule, "2026-11-22T21:30Z", "No/Where"));
}

TEST(Schedule, FollowsTheConfiguredClockWhereTheVisitorsIsNotKnown) {
  const std::string schedule = "{ holidays: ireland, timezone: visitor }";
  EXPECT_TRUE(applies(schedule, "2026-12-23T15:30Z", "", "Asia/Tokyo"));
  EXPECT_TRUE(applies(schedule, "2026-12-23T15:30Z", "No/Where", "Asia/Tokyo"));
  EXPECT_FALSE(applies(schedule, "2026-12-23T15:30Z", "Europe/Dublin", "Asia/Tokyo"))
      << "the visitor's own comes first";
  EXPECT_FALSE(applies(schedule, "2026-12-23T15:30Z", "", "UTC"));
  EXPECT_FALSE(applies("{ holidays: ireland }", "2026-12-23T15:30Z", "", "Asia/Tokyo")) << "this is the file's clock";
}

TEST(Schedule, FollowsSummerTime) {
  const std::string schedule = "{ hours: '09:00-10:00', timezone: Europe/Dublin }";
  EXPECT_TRUE(applies(schedule, "2026-01-15T09:30Z"));
  EXPECT_TRUE(applies(schedule, "2026-07-15T08:30Z"));
  EXPECT_FALSE(applies(schedule, "2026-07-15T09:30Z"));
}

TEST(Schedule, CountsANightToTheDayItBeganOn) {
  const std::string schedule = "{ hours: '22:00-06:00', weekdays: [fri, saturday] }";
  EXPECT_TRUE(applies(schedule, "2026-11-20T23:00Z")) << "Friday";
  EXPECT_TRUE(applies(schedule, "2026-11-22T05:59Z")) << "Saturday's night, on Sunday";
  EXPECT_FALSE(applies(schedule, "2026-11-22T22:30Z")) << "Sunday";
  EXPECT_FALSE(applies(schedule, "2026-11-20T05:00Z")) << "Thursday's night";
  EXPECT_FALSE(applies(schedule, "2026-11-21T12:00Z"));
}

TEST(Schedule, KnowsRangesOfWeekdays) {
  EXPECT_TRUE(applies("{ weekdays: mon-fri }", "2026-11-23T12:00Z"));
  EXPECT_FALSE(applies("{ weekdays: mon-fri }", "2026-11-22T12:00Z"));
  EXPECT_TRUE(applies("{ weekdays: Sat-Mon }", "2026-11-22T12:00Z"));
}

TEST(Schedule, KnowsHolidays) {
  EXPECT_TRUE(applies("{ holidays: ireland }", "2027-03-17T12:00Z"));
  EXPECT_TRUE(applies("{ holidays: ireland }", "2027-01-02T12:00Z"));
  EXPECT_FALSE(applies("{ holidays: ireland }", "2027-04-06T12:00Z"));
  EXPECT_FALSE(applies("{ except: [ireland, 11-22] }", "2026-11-22T12:00Z"));
  EXPECT_TRUE(applies("{ except: [ireland, 11-22] }", "2026-11-23T12:00Z"));
}

TEST(Schedule, IsOneOfAList) {
  const std::string schedule = "[ { hours: '06:00-08:00' }, { weekdays: sun } ]";
  EXPECT_TRUE(applies(schedule, "2026-11-23T07:00Z"));
  EXPECT_TRUE(applies(schedule, "2026-11-22T12:00Z"));
  EXPECT_FALSE(applies(schedule, "2026-11-23T12:00Z"));
}

TEST(Schedule, UsesTheFilesZone) {
  Loaded loaded(
      "version: 1\ntimezone: Asia/Tokyo\nslots: { a: { select: a } }\n"
      "rules: [ { id: r, slot: a, schedule: { hours: '09:00-10:00' }, do: { inner: x } } ]\n");
  ASSERT_THAT(loaded.messages(), IsEmpty());
  EXPECT_EQ(loaded.decide("/", at("2026-11-22T00:30Z")), "a=r");
  const auto candidates = loaded.explain("/", at("2026-11-22T02:00Z"));
  EXPECT_EQ(candidates[0].lost, Lost::schedule);
  EXPECT_EQ(candidates[0].detail, "not at this hour: it is Sunday, 2026-11-22, 11:00 there");
}

/// The first days of a recurrence that begins on `start`, as "MM-DD".
std::vector<std::string> days_of(std::string_view rule, std::string_view start, std::size_t count) {
  const auto recurrence = Recurrence::parse(rule, parse_date(start));
  std::vector<std::string> result;
  if (!recurrence) {
    ADD_FAILURE() << recurrence.error().message;
    return result;
  }
  const date::sys_days first = *parse_date(start);
  for (date::sys_days day = first; result.size() < count && day < first + date::days(3000); day += date::days(1))
    if (recurrence->contains(day)) result.push_back(date::format("%F", day));
  return result;
}

// Examples of RFC 5545, 3.8.5.3.
TEST(Recurrence, FollowsTheStandardsExamples) {
  EXPECT_THAT(days_of("FREQ=DAILY;INTERVAL=10;COUNT=3", "1997-09-02", 9),
              ElementsAre("1997-09-02", "1997-09-12", "1997-09-22"));
  EXPECT_THAT(days_of("RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;WKST=MO;BYDAY=TU,TH", "1997-09-02", 9),
              ElementsAre("1997-09-02", "1997-09-04", "1997-09-16", "1997-09-18"));
  EXPECT_THAT(days_of("FREQ=MONTHLY;COUNT=3;BYDAY=1FR", "1997-09-05", 9),
              ElementsAre("1997-09-05", "1997-10-03", "1997-11-07"));
  EXPECT_THAT(days_of("FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", "1997-09-22", 9),
              ElementsAre("1997-09-22", "1997-10-20", "1997-11-17"));
  EXPECT_THAT(days_of("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", 3),
              ElementsAre("1997-09-28", "1997-10-29", "1997-11-28"));
  EXPECT_THAT(days_of("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", 3),
              ElementsAre("1998-02-13", "1998-03-13", "1998-11-13"));
  EXPECT_THAT(days_of("FREQ=YEARLY;COUNT=4;BYMONTH=6,7", "1997-06-10", 9),
              ElementsAre("1997-06-10", "1997-07-10", "1998-06-10", "1998-07-10"));
  EXPECT_THAT(days_of("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", 3),
              ElementsAre("1997-05-19", "1998-05-18", "1999-05-17"));
  EXPECT_THAT(days_of("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", 3),
              ElementsAre("1997-03-13", "1997-03-20", "1997-03-27"));
  EXPECT_THAT(days_of("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05", 3),
              ElementsAre("1996-11-05", "2000-11-07", "2004-11-02"));
  EXPECT_THAT(days_of("FREQ=DAILY;UNTIL=19970904T000000Z", "1997-09-02", 9),
              ElementsAre("1997-09-02", "1997-09-03", "1997-09-04"));
  EXPECT_THAT(days_of("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", 9),
              ElementsAre("1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"));
  EXPECT_THAT(days_of("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", 9),
              ElementsAre("1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"));
  EXPECT_THAT(days_of("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", 9),
              ElementsAre("1997-09-04", "1997-10-07", "1997-11-06"));
  EXPECT_THAT(
      days_of("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29", 7),
      ElementsAre("1997-09-29", "1997-10-30", "1997-11-27", "1997-12-30", "1998-01-29", "1998-02-26", "1998-03-30"));
  EXPECT_THAT(days_of("FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1,-1", "2026-01-01", 4),
              ElementsAre("2026-01-03", "2026-01-31", "2026-02-01", "2026-02-28"));
  EXPECT_THAT(days_of("FREQ=YEARLY;BYMONTH=11;BYDAY=TH;BYSETPOS=4", "2026-01-01", 2),
              ElementsAre("2026-11-26", "2027-11-25"));
  EXPECT_THAT(days_of("FREQ=YEARLY;BYDAY=MO;BYSETPOS=-1", "2026-01-01", 2), ElementsAre("2026-12-28", "2027-12-27"));
  EXPECT_THAT(days_of("FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1", "2026-11-22", 3),
              ElementsAre("2026-11-23", "2026-11-30", "2026-12-07"));
  EXPECT_THAT(days_of("FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1;WKST=SU", "2026-11-22", 3),
              ElementsAre("2026-11-22", "2026-11-29", "2026-12-06"));
  EXPECT_THAT(days_of("FREQ=WEEKLY", "2026-11-22", 2), ElementsAre("2026-11-22", "2026-11-29"));
  EXPECT_THAT(days_of("FREQ=MONTHLY", "2026-01-31", 3), ElementsAre("2026-01-31", "2026-03-31", "2026-05-31"));
}

TEST(Schedule, SaysWhereItIsWrong) {
  const Loaded loaded(R"(version: 1
timezone: Europe/Dublim
holidays: { a: [2026-13-01, tomorrow] }
slots: { a: { select: a } }
rules:
  - { id: a, slot: a, do: { inner: x }, schedule: { from: next week, hours: 7-8, weekdays: someday, timezone: Mars } }
  - { id: b, slot: a, do: { inner: x }, schedule: { from: 2026-02-02, until: 2026-02-01, holidays: [b] } }
  - { id: c, slot: a, do: { inner: x }, schedule: { repeat: "FREQ=WEEKLY;BYDAY=MO,XX" } }
  - { id: d, slot: a, do: { inner: x }, schedule: { repeat: "FREQ=DAILY;INTERVAL=2" } }
  - { id: e, slot: a, do: { inner: x }, schedule: {} }
  - { id: f, slot: a, do: { inner: x }, schedule: { repeat: "FREQ=DAILY;BYHOUR=2" } }
  - { id: g, slot: a, do: { inner: x }, schedule: { from: 2026-01-01, repeat: "FREQ=MONTHLY;BYSETPOS=1" } }
  - { id: h, slot: a, do: { inner: x }, schedule: { repeat: "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0" } }
  - { id: i, slot: a, do: { inner: x }, schedule: { repeat: "FREQ=WEEKLY;BYDAY=MO;WKST=XX" } }
)");
  EXPECT_THAT(
      loaded.messages(),
      ElementsAre("rules.yaml:2:11: unknown time zone `Europe/Dublim`; write it like Europe/Dublin",
                  HasSubstr("rules.yaml:3:17: `2026-13-01` is not a day"), HasSubstr("3:29: `tomorrow` is not"),
                  HasSubstr("6:59: `next week` is neither a day"), HasSubstr("6:77: `7-8` is not a time of day"),
                  HasSubstr("6:92: `someday` is not a day of the week"), HasSubstr("6:111: unknown time zone `Mars`"),
                  HasSubstr("7:78: `until` is before `from`"),
                  HasSubstr("7:101: unknown list of holidays `b`, did you mean a?"), HasSubstr("8:83: days are MO, TU"),
                  HasSubstr("9:62: this recurrence needs a first day"), HasSubstr("10:51: the schedule is empty"),
                  HasSubstr("11:73: only FREQ, INTERVAL"), HasSubstr("12:80: BYSETPOS chooses among"),
                  HasSubstr("13:93: they are counted from 1"), HasSubstr("14:88: WKST is a day")));
}

}  // namespace
}  // namespace personalize::rules
