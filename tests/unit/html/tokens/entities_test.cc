#include "html/tokens/entities.h"

#include <gtest/gtest.h>

namespace personalize::html {
namespace {

std::string text(std::string_view raw) {
  std::string out;
  decode_text(raw, true, NulByte::replace, out);
  return out;
}

std::string attribute(std::string_view raw) {
  std::string scratch;
  return std::string(decode_attribute(raw, scratch));
}

TEST(References, TheLongestNameCounts) {
  EXPECT_EQ(text("&amp;&lt;&notin;&notit;&not"), "&<\u2209\u00ACit;\u00AC");
  EXPECT_EQ(text("&nosuch; & &;"), "&nosuch; & &;");
  EXPECT_EQ(text("&NotEqualTilde;"), "\u2242\u0338");
}

TEST(References, InAttributesQueryStringsStayWhatTheyAre) {
  EXPECT_EQ(attribute("?a=1&copy=2&lt3&amp;b"), "?a=1&copy=2&lt3&b");
  EXPECT_EQ(attribute("&copy"), "\u00A9");
  EXPECT_EQ(attribute("plain"), "plain");
}

TEST(References, NumbersAreMadeCodePoints) {
  EXPECT_EQ(text("&#65;&#x42;&#X43&#128;&#0;&#xD800;&#x110000;&#99999999999;"), "ABC\u20AC\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(text("&#;&#x;"), "&#;&#x;");
}

TEST(References, LineEndsAndNulAreNormalized) {
  EXPECT_EQ(text("a\r\nb\rc"), "a\nb\nc");
  EXPECT_EQ(text(std::string_view("a\0b", 3)), "a\uFFFDb");
}

}  // namespace
}  // namespace personalize::html
