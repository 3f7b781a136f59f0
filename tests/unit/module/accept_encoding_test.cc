#include "module/coding/accept_encoding.h"

#include <gtest/gtest.h>

namespace personalize::nginx {
namespace {

TEST(AcceptEncoding, WhatIsNamedIsLikedAsItSays) {
  EXPECT_EQ(quality("gzip, deflate, br", "br"), 1000);
  EXPECT_EQ(quality("gzip;q=0.8, br;q=0.25", "br"), 250);
  EXPECT_EQ(quality("gzip ; q = 0.8 ,\tBR; Q=0.001", "br"), 1);
  EXPECT_EQ(quality("br;q=1.000", "br"), 1000);
  EXPECT_EQ(quality("br;q=0", "br"), 0);
  EXPECT_EQ(quality("br;q=0.000", "br"), 0);
}

TEST(AcceptEncoding, AStarStandsForWhatIsNotNamed) {
  EXPECT_EQ(quality("*", "br"), 1000);
  EXPECT_EQ(quality("*;q=0.5, gzip", "br"), 500);
  EXPECT_EQ(quality("*;q=0.5, gzip", "gzip"), 1000);
  EXPECT_EQ(quality("br;q=0, *", "br"), 0);
  EXPECT_EQ(quality("*, br;q=0", "br"), 0);
}

TEST(AcceptEncoding, WhatIsNotNamedIsNotLiked) {
  EXPECT_EQ(quality("", "br"), 0);
  EXPECT_EQ(quality("gzip", "br"), 0);
  EXPECT_EQ(quality("brr, xbr, b r", "br"), 0);
}

TEST(AcceptEncoding, WhatMakesNoSenseIsNotSent) {
  for (const char* header : {"br;q=", "br;q", "br;q=x", "br;q=2", "br;q=0.5x", "br;q=-1", "br;q=0.1234", "br;level=3",
                             ",,;;,", "=", ";q=1"}) {
    EXPECT_EQ(quality(header, "br"), 0) << header;
  }
}

}  // namespace
}  // namespace personalize::nginx
