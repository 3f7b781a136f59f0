#include "module/coding/body_codings.h"

#include <gtest/gtest.h>

namespace personalize::module {
namespace {

std::string read(std::initializer_list<std::string_view> headers) {
  BodyCodings codings;
  for (std::string_view header : headers) codings.add(header);
  return codings.readable() ? codings.text() : "unreadable";
}

TEST(BodyCodings, ThoseThatCanBeReadAreKnownByAnyOfTheirNames) {
  EXPECT_EQ(read({"gzip"}), "gzip");
  EXPECT_EQ(read({"X-GZIP"}), "gzip");
  EXPECT_EQ(read({"\tbr "}), "br");
  EXPECT_EQ(read({"Deflate"}), "deflate");
}

TEST(BodyCodings, SeveralAreInTheOrderInWhichTheyWereApplied) {
  EXPECT_EQ(read({"gzip, br"}), "gzip, br");
  EXPECT_EQ(read({"gzip", "br"}), "gzip, br");
  EXPECT_EQ(read({"gzip,,identity , br ,", "", "none"}), "gzip, br");
  EXPECT_EQ(read({"gzip, gzip, br"}), "gzip, gzip, br");
}

TEST(BodyCodings, WordsThatNameNoCodingDoNotCount) {
  for (const char* word : {"",
                           " ",
                           "identity",
                           "none",
                           "NONE",
                           "utf-8",
                           "UTF8",
                           "utf8",
                           "binary",
                           "8bit",
                           "7BIT",
                           "ISO-8859-1",
                           "windows-1252",
                           "us-ascii",
                           "text/html",
                           "text/html; charset=utf-8",
                           "null",
                           "chunked",
                           "shift_jis",
                           "none, utf-8"})
    EXPECT_EQ(read({word}), "") << word;
  EXPECT_EQ(read({"utf-8, gzip"}), "gzip");
}

TEST(BodyCodings, OthersCannotBeRead) {
  for (const char* word :
       {"zstd", "compress", "x-compress", "dcb", "dcz", "exi", "aes128gcm", "pack200-gzip", "xpress", "lz4", "base64",
        "quoted-printable", "gzip br", "gzipx", "\"gzip\"", "gzip;q=1", "bzip2", "gzip, gzip, gzip, gzip"})
    EXPECT_EQ(read({word}), "unreadable") << word;
  EXPECT_EQ(read({"gzip, zstd"}), "unreadable");
  EXPECT_EQ(read({"zstd", "gzip"}), "unreadable");
}

}  // namespace
}  // namespace personalize::module
