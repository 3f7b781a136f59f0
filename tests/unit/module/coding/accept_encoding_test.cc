#include "module/coding/accept_encoding.h"

#include <gtest/gtest.h>

namespace personalize::module {
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

std::string left_of(std::string_view field, std::string_view more = {}) {
  std::string header(field);
  if (!more.empty()) header.append(", ").append(more);
  return without_unreadable(field, header);
}

TEST(AcceptEncoding, WhatCanBeReadStaysAsItIs) {
  for (const char* field :
       {"", "gzip", "gzip, deflate, br", "GZIP;q=0.5 ,\tx-gzip", "identity", "br;q=0, *;q=0", ",,gzip", "gzip;q=much"})
    EXPECT_EQ(left_of(field), "") << field;
}

TEST(AcceptEncoding, WhatCannotBeReadIsTakenOut) {
  EXPECT_EQ(left_of("gzip, deflate, br, zstd"), "gzip, deflate, br");
  EXPECT_EQ(left_of("zstd;q=1.0, gzip;q=0.8,compress;q=0.1"), "gzip;q=0.8");
  EXPECT_EQ(left_of("dcb, dcz, ZSTD, br"), "br");
  EXPECT_EQ(left_of("zstd"), "identity");
  EXPECT_EQ(left_of("zstd;q=0, gzip"), "gzip");
  EXPECT_EQ(left_of("zstd, ,gzip;q=0,"), "gzip;q=0");
  EXPECT_EQ(left_of("\"gzip\", br"), "br");
}

TEST(AcceptEncoding, AStarBecomesWhatCanBeRead) {
  EXPECT_EQ(left_of("*"), "gzip, br");
  EXPECT_EQ(left_of("*;q=0.5, gzip;q=0"), "br;q=0.5, gzip;q=0");
  EXPECT_EQ(left_of("identity, * ; q=0.1"), "identity, gzip ; q=0.1, br ; q=0.1");
  EXPECT_EQ(left_of("*", "br;q=0"), "gzip");
  EXPECT_EQ(left_of("*, gzip, br"), "gzip, br");
  EXPECT_EQ(without_unreadable("*, gzip", {}), "gzip");
  EXPECT_EQ(without_unreadable("*", {}), "identity");
  EXPECT_EQ(left_of("*;q=0.1, *, zstd"), "gzip;q=0.1, br;q=0.1");
}

}  // namespace
}  // namespace personalize::module
