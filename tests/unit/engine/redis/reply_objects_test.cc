#include "engine/redis/reply_objects.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace personalize::engine::redis {
namespace {

struct Reading {
  Reading() { objects.make_for(*reader); }

  /// The next whole reply, or null.
  const redisReply* read(std::string_view bytes) {
    redisReaderFeed(reader.get(), bytes.data(), bytes.size());
    void* reply = nullptr;
    failed = redisReaderGetReply(reader.get(), &reply) != REDIS_OK;
    return static_cast<const redisReply*>(reply);
  }

  ReplyObjects objects;
  std::unique_ptr<redisReader, void (*)(redisReader*)> reader{redisReaderCreate(), redisReaderFree};
  bool failed = false;
};

TEST(ReplyObjects, AreWhatTheServerSaidHoweverItIsCut) {
  const std::string bytes = "*5\r\n$3\r\nAnn\r\n:-7\r\n$-1\r\n*2\r\n+OK\r\n-ERR no\r\n*0\r\n";
  Reading reading;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) ASSERT_EQ(reading.read(bytes.substr(i, 1)), nullptr);
    const redisReply* reply = reading.read("\n");
    ASSERT_NE(reply, nullptr);
    ASSERT_EQ(reply->type, REDIS_REPLY_ARRAY);
    ASSERT_EQ(reply->elements, 5u);
    EXPECT_EQ(std::string(reply->element[0]->str), "Ann");
    EXPECT_EQ(reply->element[1]->integer, -7);
    EXPECT_EQ(reply->element[2]->type, REDIS_REPLY_NIL);
    ASSERT_EQ(reply->element[3]->elements, 2u);
    EXPECT_EQ(reply->element[3]->element[0]->type, REDIS_REPLY_STATUS);
    EXPECT_EQ(std::string(reply->element[3]->element[1]->str), "ERR no");
    EXPECT_EQ(reply->element[4]->elements, 0u);
    reading.objects.clear();
  }
}

TEST(ReplyObjects, MayBeLargerThanTheirOwnMemory) {
  const std::string text(100'000, 'x');
  Reading reading;
  const redisReply* reply = reading.read("*2\r\n$100000\r\n" + text + "\r\n$100000\r\n" + text + "\r\n");
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(std::string_view(reply->element[1]->str, reply->element[1]->len), text);
}

TEST(ReplyObjects, AreGivenUpIfTheyAreTooMany) {
  Reading reading;
  const std::string half = "*" + std::to_string(ReplyObjects::max_elements / 2 + 1) + "\r\n";
  EXPECT_EQ(reading.read(half + half), nullptr);
  EXPECT_TRUE(reading.failed);
  EXPECT_TRUE(reading.objects.too_many());
  reading.objects.clear();
  EXPECT_FALSE(reading.objects.too_many());
}

TEST(ReplyObjects, ThatWereNotReadToTheEndAreGoneWithTheReader) {
  Reading reading;
  EXPECT_EQ(reading.read("*2\r\n$3\r\nAnn\r\n"), nullptr);
  EXPECT_FALSE(reading.failed);
}

}  // namespace
}  // namespace personalize::engine::redis
