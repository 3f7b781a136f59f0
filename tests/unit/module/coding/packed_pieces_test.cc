// Pieces of compressed bodies: whatever precedes them, they mean the same.
#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>
#include <vector>

#include "module/coding/brotli.h"
#include "module/coding/deflate.h"

namespace personalize::module {
namespace {

struct Format {
  const char* name;
  std::string_view (*header)();
  std::string (*best)(std::string_view);
  void (*append)(std::string&, std::string_view);
};
const Format formats[] = {{"gzip", gzip_header, deflate_best, append_deflated},
                          {"brotli", brotli_header, brotli_best, append_brotli}};

std::string unpack_brotli(const std::string& body, std::size_t room) {
  std::string result(room, '\0');
  std::size_t size = room;
  const auto done = BrotliDecoderDecompress(body.size(), reinterpret_cast<const std::uint8_t*>(body.data()), &size,
                                            reinterpret_cast<std::uint8_t*>(result.data()));
  result.resize(done == BROTLI_DECODER_RESULT_SUCCESS ? size : 0);
  return result;
}

std::string unpack_gzip(const std::string& body, std::size_t room) {
  std::string result(room, '\0');
  z_stream stream{};
  inflateInit2(&stream, MAX_WBITS + 16);
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<unsigned char*>(result.data());
  stream.avail_out = static_cast<uInt>(room);
  const int done = inflate(&stream, Z_FINISH);
  result.resize(done == Z_STREAM_END && stream.avail_in == 0 ? stream.total_out : 0);
  inflateEnd(&stream);
  return result;
}

std::string end_body(const Format& format, const std::string& pieces, const std::string& meaning) {
  std::string body = std::string(format.header()) + pieces;
  if (format.name == std::string("brotli"))
    return unpack_brotli(body + std::string(brotli_trailer()), meaning.size() + 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(meaning.data());
  const auto crc = static_cast<std::uint32_t>(crc32_z(0, bytes, meaning.size()));
  return unpack_gzip(body + gzip_trailer(crc, meaning.size()), meaning.size() + 1);
}

/// Words that are in Brotli's dictionary too, and what makes compressing them worthwhile.
std::string page(std::size_t size, std::mt19937& random) {
  static const char* const words[] = {
      "<div class=\"", " the ",      "information", " and ",     "</a></li>\n", "<span>",
      "time",          "javascript", "height=\"",   " download", "é",           "\xF9",
      "https://www.",  "category",   "</title>",    "    ",      "12",          "price"};
  std::string text;
  while (text.size() < size) text += words[random() % std::size(words)];
  text.resize(size);
  return text;
}

TEST(PackedPieces, MeanTheSameInEveryOrder) {
  std::mt19937 random(20);
  for (const Format& format : formats) {
    for (int round = 0; round < 40; ++round) {
      std::string pieces, meaning;
      for (int i = 0; i < 6; ++i) {
        const std::string text = page(random() % (round % 8 == 0 ? 200'000 : 3000) + 3, random);
        if (random() % 2 == 0) {
          const std::string best = format.best(text);
          ASSERT_FALSE(best.empty()) << format.name << " " << text.size();
          pieces += best;
        } else {
          format.append(pieces, text);
        }
        meaning += text;
      }
      ASSERT_TRUE(end_body(format, pieces, meaning) == meaning) << format.name << " round " << round;
    }
  }
}

TEST(PackedPieces, AreSmallerThanTheirText) {
  std::mt19937 random(21);
  const std::string text = page(100'000, random);
  for (const Format& format : formats) EXPECT_LT(format.best(text).size(), text.size() / 2) << format.name;
  EXPECT_LT(brotli_best(text).size(), deflate_best(text).size());
}

TEST(PackedPieces, OfNoiseAreLittleLargerThanIt) {
  std::mt19937 random(22);
  std::string noise(150'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  for (const Format& format : formats) {
    std::string pieces = format.best(noise);
    format.append(pieces, noise);
    EXPECT_LT(pieces.size(), 2 * noise.size() + 1000) << format.name;
    EXPECT_TRUE(end_body(format, pieces, noise + noise) == noise + noise) << format.name;
  }
}

TEST(PackedPieces, OfLettersOnlyBrotliDiscouragesItselfWithAreRightOrAreNotMade) {
  std::string text;
  for (unsigned i = 0; i < 128; ++i) text += static_cast<char>(0x80 | (i * 77 & 0x7F));
  const std::string twice = text + text;
  const std::string piece = brotli_best(twice);
  EXPECT_TRUE(piece.empty() || end_body(formats[1], piece, twice) == twice);
}

}  // namespace
}  // namespace personalize::module
