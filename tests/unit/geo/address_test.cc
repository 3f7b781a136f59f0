#include "geo/address.h"

#include <gtest/gtest.h>

namespace personalize::geo {
namespace {

TEST(Address, IsReadFromBothFamilies) {
  const auto v4 = Address::parse("192.0.2.33");
  ASSERT_TRUE(v4);
  EXPECT_TRUE(v4->v4);
  EXPECT_EQ(v4->bytes[3], 33);
  const auto v6 = Address::parse("2001:db8::1");
  ASSERT_TRUE(v6);
  EXPECT_FALSE(v6->v4);
  EXPECT_EQ(v6->bytes[15], 1);
}

TEST(Address, IsNothingElse) {
  for (std::string_view text : {"", " 192.0.2.1", "192.0.2.1 ", "192.0.2", "192.0.2.256", "192.0.2.1:80", "[::1]",
                                "::1%lo", "unix:", "localhost", "1.2.3.4, 5.6.7.8"})
    EXPECT_FALSE(Address::parse(text)) << text;
  EXPECT_FALSE(Address::parse(std::string_view("192.0.2.1\0x", 11)));
  EXPECT_FALSE(Address::parse(std::string(100'000, '1')));
}

TEST(Address, KnowsTheIPv4AddressInside) {
  EXPECT_EQ(Address::parse("::ffff:192.0.2.1")->unmapped(), Address::parse("192.0.2.1"));
  EXPECT_FALSE(Address::parse("::192.0.2.1")->unmapped());
  EXPECT_FALSE(Address::parse("192.0.2.1")->unmapped());
}

TEST(Address, IsInANetworkOfAnyLength) {
  EXPECT_EQ(network_of(*Address::parse("192.0.2.200"), 24), "192.0.2.0/24");
  EXPECT_EQ(network_of(*Address::parse("192.0.2.200"), 26), "192.0.2.192/26");
  EXPECT_EQ(network_of(*Address::parse("192.0.2.200"), 0), "0.0.0.0/0");
  EXPECT_EQ(network_of(*Address::parse("192.0.2.200"), 32), "192.0.2.200/32");
  EXPECT_EQ(network_of(*Address::parse("192.0.2.200"), 128), "192.0.2.200/32");
  EXPECT_EQ(network_of(*Address::parse("2001:db8:ffff::1"), 33), "2001:db8:8000::/33");
}

}  // namespace
}  // namespace personalize::geo
