#include <gtest/gtest.h>

#include <string>

#include "rules/text/ascii.h"
#include "rules/text/language_tag.h"
#include "rules/text/utf8.h"

namespace personalize::rules::text {
namespace {

TEST(LanguageTag, HasSubtagsOfOneToEightLettersAndDigitsAfterALanguage) {
  for (const char* tag : {"en", "de-AT", "zh-Hant-TW", "es-419", "sl-rozaj-1994", "x-klingon-a", "abcdefgh"})
    EXPECT_EQ(is_language_tag(tag), tag[0] != 'x') << tag;
  for (const char* text :
       {"", "e", "de_AT", "de-", "-de", "de--AT", "d1", "abcdefghi", "de-abcdefghi", "de-AT\n", "dé"})
    EXPECT_FALSE(is_language_tag(text)) << text;
  EXPECT_FALSE(is_language_tag(std::string_view("de\0", 3)));
}

TEST(Utf8, IsFoundToEndWhereItIsNotWellFormed) {
  for (std::string_view bad :
       {"\xff", "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xe2\x82", "\xe2\x82z", "\xf0\x9f\x98"}) {
    EXPECT_EQ(first_invalid_utf8("aé" + std::string(bad)), 3u);
    EXPECT_EQ(first_invalid_utf8("aé" + std::string(bad) + "é"), 3u);
  }
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8, OfEveryCodePointIsWellFormed) {
  std::string all;
  std::size_t count = 0;
  for (char32_t c = 0; c <= 0x110000; ++c) {
    if (!is_unicode_scalar(c)) continue;
    append_utf8(all, c);
    ++count;
  }
  EXPECT_EQ(count, 0x110000u - 0x800u);
  EXPECT_TRUE(is_valid_utf8(all));
  EXPECT_EQ(code_points(all), count);
}

TEST(Ascii, HexadecimalDigitsAreReadAsTheyAreWritten) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::string_view digits : {hex_digits, upper_hex_digits}) {
      std::string text;
      append_hex(text, static_cast<char>(byte), digits);
      EXPECT_EQ(hex_value(text[0]) * 16 + hex_value(text[1]), byte);
    }
    const bool digit = std::string_view("0123456789abcdefABCDEF").find(static_cast<char>(byte)) != std::string::npos;
    EXPECT_EQ(hex_value(static_cast<char>(byte)) >= 0, digit) << byte;
  }
}

}  // namespace
}  // namespace personalize::rules::text
