#include "engine/json/moment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace personalize::engine::json {
namespace {

TEST(Moment, IsReadWithItsOffset) {
  EXPECT_EQ(parse_moment("2026-12-24T18:00+01:00"), parse_moment("2026-12-24T17:00:00Z"));
  EXPECT_EQ(parse_moment("1970-01-01T00:00:01Z"), 1'000'000);
  EXPECT_EQ(parse_moment("1970-01-02"), 86'400'000'000);
}

TEST(Moment, ATextThatIsNoneIsNamedWithExamples) {
  const auto moment = parse_moment("2026-12-24T18:00+01:00 o'clock");
  ASSERT_FALSE(moment.has_value());
  EXPECT_THAT(moment.error(), testing::HasSubstr("\"2026-12-24T18:00+01:00 o'clock\" is not a time such as"));
}

}  // namespace
}  // namespace personalize::engine::json
