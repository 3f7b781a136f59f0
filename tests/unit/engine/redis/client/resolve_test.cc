#include "engine/redis/client/resolve.h"

#include <gtest/gtest.h>

namespace personalize::engine::redis::client {
namespace {

std::string resolved(std::string_view text) {
  const auto found = resolve(text, 6379);
  return found ? found->addresses.front().text() : found.error();
}

TEST(Resolve, AddressesWithAndWithoutPorts) {
  EXPECT_EQ(resolved("192.0.2.1"), "192.0.2.1:6379");
  EXPECT_EQ(resolved("192.0.2.1:7000"), "192.0.2.1:7000");
  EXPECT_EQ(resolved("[2001:db8::1]"), "[2001:db8::1]:6379");
  EXPECT_EQ(resolved("[2001:db8::1]:7000"), "[2001:db8::1]:7000");
  EXPECT_EQ(resolved("unix:/run/redis.sock"), "unix:/run/redis.sock");
}

TEST(Resolve, NamesAreLookedUp) {
  const auto found = resolve("localhost:7000", 6379);
  ASSERT_TRUE(found.has_value()) << found.error();
  EXPECT_EQ(found->host, "localhost");
  EXPECT_TRUE(found->addresses.front().text().ends_with(":7000"));
}

TEST(Resolve, SaysWhatIsWrong) {
  EXPECT_EQ(resolved(""), "no host");
  EXPECT_EQ(resolved(":6379"), "no host");
  EXPECT_EQ(resolved("unix:"), "no path");
  EXPECT_EQ(resolved("unix:/" + std::string(200, 'a')), "path too long");
  EXPECT_EQ(resolved("no.such.host.invalid"), "host not found");
  for (const char* port : {"", "0", "65536", "-1", "1x"})
    EXPECT_EQ(resolved("192.0.2.1:" + std::string(port)), "invalid port");
}

}  // namespace
}  // namespace personalize::engine::redis::client
