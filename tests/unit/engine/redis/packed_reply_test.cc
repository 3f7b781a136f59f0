#include "engine/redis/packed_reply.h"

#include <gtest/gtest.h>

#include <memory_resource>
#include <random>

namespace personalize::engine::redis {
namespace {

using plugins::Reply;

bool equal(const Reply& a, const Reply& b) {
  return a.kind == b.kind && a.text == b.text && a.integer == b.integer &&
         std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(), equal);
}

TEST(PackedReply, IsTheSameWhenItIsUnpacked) {
  const Reply inner[] = {{.kind = Reply::Kind::integer, .integer = -5}, {.kind = Reply::Kind::status, .text = "OK"}};
  const Reply elements[] = {{.kind = Reply::Kind::string, .text = std::string_view("a\0\r\n", 4)},
                            {.kind = Reply::Kind::nil},
                            {.kind = Reply::Kind::string, .text = ""},
                            {.kind = Reply::Kind::array, .elements = inner},
                            {.kind = Reply::Kind::array}};
  const Reply reply{.kind = Reply::Kind::array, .elements = elements};
  std::pmr::monotonic_buffer_resource memory;
  const std::string packed = pack(reply);
  const auto unpacked = unpack(packed, memory);
  ASSERT_TRUE(unpacked);
  EXPECT_TRUE(equal(*unpacked, reply));
}

TEST(PackedReply, ThatIsDamagedIsRefusedOrReadButNeverMore) {
  const Reply elements[] = {{.kind = Reply::Kind::string, .text = "Ann"}, {.kind = Reply::Kind::integer, .integer = 7}};
  const std::string whole = pack({.kind = Reply::Kind::array, .elements = elements});
  std::pmr::monotonic_buffer_resource memory;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(unpack(std::string_view(whole).substr(0, size), memory)) << size;
  }
  EXPECT_FALSE(unpack(whole + "x", memory));
  std::mt19937 random(11);
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    unpack(damaged, memory);
    memory.release();
  }
  EXPECT_FALSE(unpack(std::string(200, static_cast<char>(Reply::Kind::array)), memory));
}

}  // namespace
}  // namespace personalize::engine::redis
