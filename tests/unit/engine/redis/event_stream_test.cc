#include "engine/redis/event_stream.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/redis/command.h"
#include "engine/redis/key_slot.h"

namespace personalize::engine::redis {
namespace {

TEST(EventStream, HasAKeyWhoseNumberIsItsHashTag) {
  EXPECT_EQ(event_stream_key("shop:", 7), "shop:log:{07}");
  EXPECT_EQ(event_stream_key("", 99), "log:{99}");
  EXPECT_EQ(event_readers_key("shop:", 7), "shop:log:{07}:readers");
  EXPECT_EQ(slot_of(event_stream_key("shop:", 7)), slot_of(event_readers_key("shop:", 7)));
}

TEST(EventStream, IsTheSameForAVisitorAlwaysAndAllAreUsed) {
  std::set<unsigned> used;
  for (int i = 0; i < 1000; ++i) {
    const std::string visitor = "visitor" + std::to_string(i);
    EXPECT_EQ(event_stream_of(visitor, 10), event_stream_of(visitor, 10));
    used.insert(event_stream_of(visitor, 10));
  }
  EXPECT_EQ(used.size(), 10U);
  EXPECT_EQ(*used.rbegin(), 9U);
  EXPECT_EQ(event_stream_of("", 1), 0U);
}

TEST(EventStream, AppendsALineAsTheOnlyFieldAndNamesARoughLimit) {
  EventStream stream("shop:", 3, 512 * 1000);
  EXPECT_EQ(stream.append(R"({"time":1})"),
            encode({"XADD", "shop:log:{03}", "MAXLEN", "~", "1000", "*", "e", R"({"time":1})"}));
  EXPECT_EQ(stream.append(""), encode({"XADD", "shop:log:{03}", "MAXLEN", "~", "1000", "*", "e", ""}));
}

TEST(EventStream, AllowsFewerEntriesTheLargerTheyAre) {
  const auto limit = [](std::size_t size) {
    EventStream stream("", 0, 1'000'000);
    std::string command;
    for (int i = 0; i < 1000; ++i) command = stream.append(std::string(size, 'x'));
    const std::size_t begin = command.find("~\r\n$");
    return std::stoul(command.substr(command.find('\n', begin + 3) + 1));
  };
  EXPECT_NEAR(static_cast<double>(limit(10)), 1'000'000 / 42.0, 1'000'000 / 42.0 / 6);
  EXPECT_NEAR(static_cast<double>(limit(9968)), 100, 20);
  EXPECT_GE(limit(64 * 1024), 12U);
}

TEST(EventStream, KeepsAtLeastOneEntry) {
  EventStream stream("", 0, 0);
  EXPECT_EQ(stream.append("x"), encode({"XADD", "log:{00}", "MAXLEN", "~", "1", "*", "e", "x"}));
}

}  // namespace
}  // namespace personalize::engine::redis
