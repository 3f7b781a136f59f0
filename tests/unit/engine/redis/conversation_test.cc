// What is said on a connection: the greeting, replies as they come in, pauses between attempts.
#include <gtest/gtest.h>

#include <string>

#include "engine/redis/address_ring.h"
#include "engine/redis/breaker.h"
#include "engine/redis/command.h"
#include "engine/redis/greeting.h"
#include "engine/redis/reply_reader.h"

namespace personalize::engine::redis {
namespace {

using Result = ReplyReader::Result;

redisReply error_reply(char* text) {
  redisReply reply = {};
  reply.type = REDIS_REPLY_ERROR;
  reply.str = text;
  reply.len = std::char_traits<char>::length(text);
  return reply;
}

TEST(Greeting, SaysWhatTheOptionsWantAndNoMore) {
  EXPECT_EQ(Greeting(ConnectionOptions{}).begin(), encode({"PING"}));
  ConnectionOptions options;
  options.login = {"edge", "secret"};
  options.database = 2;
  options.master_only = true;
  EXPECT_EQ(Greeting(options).begin(),
            encode({"AUTH", "edge", "secret"}) + encode({"SELECT", "2"}) + encode({"ROLE"}) + encode({"PING"}));
}

TEST(Greeting, IsOverWithThePong) {
  ConnectionOptions options;
  options.login.password = "secret";
  Greeting greeting(options);
  greeting.begin();
  redisReply good = {};
  good.type = REDIS_REPLY_STATUS;
  EXPECT_EQ(greeting.on_reply(good), false);
  EXPECT_EQ(greeting.on_reply(good), true);
}

TEST(Greeting, ErrorsEndItUnlessTheUserMayNotAskForTheRole) {
  char no_permission[] = "NOPERM", loading[] = "LOADING", slave[] = "slave";
  ConnectionOptions options;
  options.master_only = true;
  Greeting greeting(options);
  greeting.begin();
  EXPECT_EQ(greeting.on_reply(error_reply(no_permission)), false);
  EXPECT_EQ(greeting.on_reply(error_reply(loading)).error(), "LOADING");

  redisReply word = {};
  word.type = REDIS_REPLY_STRING;
  word.str = slave;
  redisReply* elements[] = {&word};
  redisReply role = {};
  role.type = REDIS_REPLY_ARRAY;
  role.elements = 1;
  role.element = elements;
  greeting.begin();
  EXPECT_EQ(greeting.on_reply(role).error(), "is not the master");
}

TEST(ReplyReader, RepliesMayComeByteByByte) {
  ReplyReader reader;
  ASSERT_TRUE(reader.reset(1000));
  const std::string bytes = "+PONG\r\n*2\r\n$1\r\na\r\n:7\r\n";
  unsigned replies = 0;
  for (char byte : bytes) {
    reader.feed({&byte, 1});
    Result result;
    while ((result = reader.next()) == Result::reply) ++replies;
    ASSERT_EQ(result, Result::incomplete);
  }
  EXPECT_EQ(replies, 2u);
}

TEST(ReplyReader, LimitsHoldForEachReply) {
  ReplyReader reader;
  ASSERT_TRUE(reader.reset(100));
  for (int i = 0; i < 50; ++i) {
    reader.feed("$5\r\nabcde\r\n");
    ASSERT_EQ(reader.next(), Result::reply);
    ASSERT_EQ(reader.next(), Result::incomplete);
  }
  reader.feed("$500\r\n" + std::string(200, 'a'));
  EXPECT_EQ(reader.next(), Result::oversized);
  ASSERT_TRUE(reader.reset(100));
  reader.feed("*1000000000\r\n");
  EXPECT_EQ(reader.next(), Result::oversized);
}

TEST(ReplyReader, GarbageIsCalledSo) {
  ReplyReader reader;
  ASSERT_TRUE(reader.reset(100));
  reader.feed("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(reader.next(), Result::malformed);
  EXPECT_NE(std::string(reader.problem()), "");
}

TEST(Backoff, DoublesUpToALimitWithJitter) {
  EXPECT_EQ(reconnect_pause(0, 0), min_reconnect_pause / 2);
  EXPECT_EQ(reconnect_pause(1, 0), min_reconnect_pause);
  EXPECT_EQ(reconnect_pause(1000, 0), max_reconnect_pause / 2);
  for (std::uint64_t random : {0ul, 49ul, 5000ul, ~0ul})
    EXPECT_LT(reconnect_pause(1000, random), max_reconnect_pause * 3 / 2);
}

TEST(Breaker, OpensAfterSeveralLateRepliesAndClosesWhenToldTo) {
  Breaker breaker;
  for (unsigned i = 1; i < Breaker::max_late_in_a_row; ++i) EXPECT_FALSE(breaker.late());
  breaker.in_time();
  for (unsigned i = 1; i < Breaker::max_late_in_a_row; ++i) EXPECT_FALSE(breaker.late());
  EXPECT_TRUE(breaker.late()) << "so many in a row";
  EXPECT_TRUE(breaker.closed()) << "until the caller gives the server up";
  EXPECT_EQ(breaker.open(0), reconnect_pause(0, 0));
  EXPECT_EQ(breaker.open(0), reconnect_pause(1, 0));
  EXPECT_EQ(breaker.failures(), 2u);
  breaker.in_time();
  EXPECT_TRUE(breaker.late()) << "half open, one is enough";
  breaker.close();
  EXPECT_TRUE(breaker.closed());
}

TEST(AddressRing, KeepsItsPlaceWhereThatIsStillThere) {
  const Address a = *Address::literal("192.0.2.1", 1), b = *Address::literal("192.0.2.2", 1);
  AddressRing ring({a, b});
  ring.advance();
  EXPECT_EQ(ring.current(), b);
  ring.replace({b, a}, false);
  EXPECT_EQ(ring.current(), b);
  ring.replace({a}, true);
  EXPECT_EQ(ring.current(), b);
  EXPECT_EQ(ring.size(), 2u);
  ring.replace({a}, false);
  EXPECT_EQ(ring.current(), a);
  ring.advance();
  EXPECT_EQ(ring.current(), a);
}

}  // namespace
}  // namespace personalize::engine::redis
