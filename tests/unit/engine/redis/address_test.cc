#include "engine/redis/address.h"

#include <gtest/gtest.h>
#include <sys/un.h>

namespace personalize::engine::redis {
namespace {

TEST(RedisAddress, IsReadAndWritten) {
  EXPECT_EQ(Address::literal("192.0.2.1", 6379)->text(), "192.0.2.1:6379");
  EXPECT_EQ(Address::literal("2001:DB8:0::1", 6379)->text(), "[2001:db8::1]:6379");
  EXPECT_EQ(Address::literal("2001:db8::1", 1)->host(), "2001:db8::1");
  EXPECT_EQ(Address::literal("192.0.2.1", 1), Address::literal("192.0.2.1", 1));
  EXPECT_NE(*Address::literal("192.0.2.1", 1), *Address::literal("192.0.2.1", 2));
}

TEST(RedisAddress, OfASocketIsItsPath) {
  sockaddr_un unix_socket = {.sun_family = AF_UNIX, .sun_path = "/run/redis.sock"};
  const Address address(reinterpret_cast<sockaddr*>(&unix_socket), sizeof(unix_socket));
  EXPECT_TRUE(address.local());
  EXPECT_EQ(address.text(), "unix:/run/redis.sock");
  EXPECT_EQ(address.host(), "");
}

TEST(RedisAddress, IsNeverAName) {
  for (std::string_view host : {"", "localhost", "redis.example", "1.2.3", "192.0.2.1 ", "[::1]", "::1%lo"}) {
    EXPECT_FALSE(Address::literal(host, 6379)) << host;
  }
  EXPECT_FALSE(Address::literal(std::string_view("192.0.2.1\0x", 11), 6379));
  for (int port : {-1, 0, 65536}) EXPECT_FALSE(Address::literal("192.0.2.1", port));
}

TEST(RedisAddress, IsWhereAClusterRedirects) {
  const Address asked = *Address::literal("192.0.2.9", 7000);
  EXPECT_EQ(Address::redirected("192.0.2.1:6381", asked)->text(), "192.0.2.1:6381");
  EXPECT_EQ(Address::redirected("2001:db8::1:6381", asked)->text(), "[2001:db8::1]:6381");
  EXPECT_EQ(Address::redirected("[2001:db8::1]:6381", asked)->text(), "[2001:db8::1]:6381");
  EXPECT_EQ(Address::redirected(":6381", asked)->text(), "192.0.2.9:6381") << "it does not know its own address";
  for (std::string_view text : {"", ":", "192.0.2.1", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:99999", "host:6379",
                                "192.0.2.1:6379 ", "192.0.2.1:-1", "[]:6379", "[::1:6379", "[redis]:1"}) {
    EXPECT_FALSE(Address::redirected(text, asked)) << text;
  }
}

}  // namespace
}  // namespace personalize::engine::redis
