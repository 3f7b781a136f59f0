#include "engine/redis/command.h"

#include <gtest/gtest.h>

#include "engine/redis/key_slot.h"

namespace personalize::engine::redis {
namespace {

using namespace std::string_view_literals;

TEST(Command, IsEncodedWithEveryLength) {
  EXPECT_EQ(encode({"GET", "a b"}), "*2\r\n$3\r\nGET\r\n$3\r\na b\r\n");
  EXPECT_EQ(encode({"SET", "\r\n\0"sv, ""}), "*3\r\n$3\r\nSET\r\n$3\r\n\r\n\0\r\n$0\r\n\r\n"sv);
  EXPECT_NE(encode({"GET", "a", "b"}), encode({"GET", "ab"}));
}

TEST(Command, IsEncodedBehindWhatTellsOneRedisFromAnother) {
  std::pmr::monotonic_buffer_resource memory;
  const std::string_view words[] = {"HMGET", "personalize:{ann}:profile", "", std::string_view("first\0name", 10)};
  EXPECT_EQ(encode("shop", words, memory), "shop" + encode(words));
  EXPECT_EQ(encode("", {}, memory), "*0\r\n");
}

TEST(Command, SaysWhichKeyItIsAbout) {
  EXPECT_EQ(key_of(encode({"HGET", "personalize:{ann}:seen", "hero"})), "personalize:{ann}:seen");
  EXPECT_EQ(key_of(encode({"GET", "\r\n$1\r\n\0"sv})), "\r\n$1\r\n\0"sv);
  EXPECT_EQ(key_of(encode({"GET", ""})), "");
  EXPECT_EQ(key_of(encode({"PING"})), "");
  EXPECT_EQ(key_of(""), "");
}

TEST(Slot, IsThatOfTheClusterSpecification) {
  EXPECT_EQ(slot_of("123456789"), 0x31C3);  // the specification's check value
  EXPECT_EQ(slot_of("foo"), 12182);         // and what redis-cli says
  EXPECT_EQ(slot_of(""), 0);
}

TEST(Slot, IsOfWhatStandsInBraces) {
  EXPECT_EQ(slot_of("personalize:{ann}:profile"), slot_of("ann"));
  EXPECT_EQ(slot_of("{ann}:a"), slot_of("other:{ann}"));
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar")) << "empty braces: the whole key";
  EXPECT_NE(slot_of("foo{bar"), slot_of("bar"));
}

TEST(Command, IsSharedOnlyIfItsReplyDependsOnNothingButTheData) {
  EXPECT_TRUE(repeatable("HMGET"));
  EXPECT_TRUE(repeatable("HGETALL"));
  for (std::string_view writing :
       {"INCR", "GETSET", "GETDEL", "SPOP", "SRANDMEMBER", "EVAL", "HSET", "LPOP", "TIME", "", "GE"}) {
    EXPECT_FALSE(repeatable(writing)) << writing;
  }
}

}  // namespace
}  // namespace personalize::engine::redis
