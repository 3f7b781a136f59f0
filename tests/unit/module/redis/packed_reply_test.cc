#include "module/redis/packed_reply.h"

#include <gtest/gtest.h>

#include <random>

namespace personalize::nginx::redis {
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
  bool used = false;
  EXPECT_TRUE(with_unpacked_reply(pack(reply), [&](const Reply& unpacked) { used = equal(unpacked, reply); }));
  EXPECT_TRUE(used);
}

TEST(PackedReply, ThatIsDamagedIsRefusedOrReadButNeverMore) {
  const Reply elements[] = {{.kind = Reply::Kind::string, .text = "Ann"}, {.kind = Reply::Kind::integer, .integer = 7}};
  const std::string whole = pack({.kind = Reply::Kind::array, .elements = elements});
  const auto ignore = [](const Reply&) {};
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(with_unpacked_reply(std::string_view(whole).substr(0, size), ignore)) << size;
  }
  EXPECT_FALSE(with_unpacked_reply(whole + "x", ignore));
  std::mt19937 random(11);
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    with_unpacked_reply(damaged, ignore);
  }
  EXPECT_FALSE(with_unpacked_reply(std::string(200, static_cast<char>(Reply::Kind::array)), ignore));
}

}  // namespace
}  // namespace personalize::nginx::redis
