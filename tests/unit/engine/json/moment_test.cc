#include "engine/json/moment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace personalize::engine::json {
namespace {

TEST(Moment, IsReadWithItsOffset) {
  EXPECT_EQ(parse_moment("2026-12-24T18:00+01:00"), parse_moment("2026-12-24T17:00:00Z"));
  EXPECT_EQ(parse_moment("1970-01-01T00:00:01Z"), 1'000'000);
  EXPECT_EQ(parse_moment("1970-01-02"), 86'400'000'000);
  EXPECT_EQ(parse_moment("1970-01-01T00:00:00.5Z"), 500'000);
  EXPECT_EQ(parse_moment("1969-12-31T23:59:59Z"), -1'000'000);
}

TEST(Moment, ATextThatIsNoneIsNamedWithExamples) {
  for (const char* text : {"", "2026", "2026-13-01", "2026-12-24T18", "2026-12-24T18:00", "2026-12-24 18:00Z",
                           "2026-12-24T25:00Z", "2026-12-24T18:00+01", "2026-12-24T18:00+01:00x", "tomorrow"})
    EXPECT_FALSE(parse_moment(text)) << text;
  const auto moment = parse_moment("2026-12-24T18:00+01:00 o'clock");
  ASSERT_FALSE(moment.has_value());
  EXPECT_THAT(moment.error(), testing::HasSubstr("\"2026-12-24T18:00+01:00 o'clock\" is not a time such as"));
}

}  // namespace
}  // namespace personalize::engine::json
