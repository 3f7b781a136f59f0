#include "module/coding/decoder.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <optional>
#include <random>
#include <vector>

namespace personalize::module {
namespace {

constexpr int gzip = 16 + MAX_WBITS, zlib = MAX_WBITS, bare = -MAX_WBITS;

std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string bytes(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

std::string brotlied(std::string_view text) {
  std::string bytes(BrotliEncoderMaxCompressedSize(text.size()) + 16, '\0');
  std::size_t size = bytes.size();
  EXPECT_TRUE(BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(),
                                    reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(bytes.data())));
  bytes.resize(size);
  return bytes;
}

BodyCodings codings(std::string_view header) {
  BodyCodings all;
  all.add(header);
  return all;
}

struct Decoded {
  std::string text;
  bool complete = false;
};

/// Nothing if it is broken. `in`, `out`: bytes that the decoder gets, and has room for, at once.
std::optional<Decoded> decoded(std::string_view header, std::string_view bytes, std::size_t in, std::size_t out) {
  const std::unique_ptr<Decoder> decoder = make_decoder(codings(header));
  std::vector<unsigned char> room(out);
  Decoded result;
  while (!bytes.empty() || decoder->pending()) {
    std::string_view piece = bytes.substr(0, in);
    const std::size_t before = piece.size();
    std::size_t written = 0;
    if (decoder->run(piece, room, written) == Decoder::Result::failed) return std::nullopt;
    bytes.remove_prefix(before - piece.size());
    result.text.append(reinterpret_cast<const char*>(room.data()), written);
  }
  result.complete = decoder->complete();
  return result;
}

std::string some_text(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) (text += "<p>word") += std::to_string(random() % 500);
  return text;
}

struct Sample {
  const char* header;
  std::string bytes;
};

std::vector<Sample> samples(std::string_view text) {
  return {{"gzip", deflated(text, gzip)},
          {"X-GZip", deflated(text, gzip)},
          {"deflate", deflated(text, zlib)},
          {"deflate", deflated(text, bare)},
          {"BR", brotlied(text)},
          {"gzip, br", brotlied(deflated(text, gzip))},
          {"br, gzip", deflated(brotlied(text), gzip)},
          {"gzip,identity , gzip", deflated(deflated(text, gzip), gzip)},
          {"deflate, br, gzip", deflated(brotlied(deflated(text, bare)), gzip)}};
}

TEST(Decoder, WhatComesInPiecesOfAnySizeIsTheTextThatWasEncoded) {
  for (std::size_t size : {0, 1, 300, 200'000})
    for (const Sample& sample : samples(some_text(size)))
      for (std::size_t in : {1, 2, 7, 1'000'000})
        for (std::size_t out : {1, 13, 16'384}) {
          if (size > 1000 && (in < 7 || out < 13)) continue;
          const auto result = decoded(sample.header, sample.bytes, in, out);
          ASSERT_TRUE(result) << sample.header << ' ' << size << ' ' << in << ' ' << out;
          EXPECT_TRUE(result->text == some_text(size) && result->complete) << sample.header << ' ' << in << ' ' << out;
        }
}

TEST(Decoder, ABodyThatIsCutOffAnywhereIsNotComplete) {
  const std::string text = some_text(500);
  for (const Sample& sample : samples(text))
    for (std::size_t size = 1; size < sample.bytes.size(); ++size) {
      const auto result = decoded(sample.header, std::string_view(sample.bytes).substr(0, size), 5, 64);
      if (!result) continue;
      EXPECT_TRUE(text.starts_with(result->text));
      // The outer coding's own end may be missing where the inner one is complete.
      EXPECT_FALSE(result->complete) << sample.header << ' ' << size;
    }
}

TEST(Decoder, AnEmptyBodyIsWhole) {
  for (const char* header : {"gzip", "deflate", "br", "gzip, br"}) {
    const auto result = decoded(header, "", 1, 1);
    EXPECT_TRUE(result && result->complete && result->text.empty()) << header;
  }
}

TEST(Decoder, WhatFollowsTheBodyIsIgnored) {
  const std::string text = some_text(300);
  for (const Sample& sample : samples(text))
    for (const char* rest : {"\1", "garbage, <p>", "GZ"}) {
      for (std::size_t in : {1, 1000}) {
        const auto result = decoded(sample.header, sample.bytes + rest, in, 100);
        ASSERT_TRUE(result) << sample.header;
        EXPECT_EQ(result->text, text) << sample.header;
        EXPECT_TRUE(result->complete) << sample.header;
      }
    }
}

TEST(Decoder, SeveralGzipMembersAreOneBody) {
  const auto result = decoded("gzip", deflated("one ", gzip) + deflated("", gzip) + deflated("two", gzip), 3, 2);
  EXPECT_TRUE(result && result->text == "one two" && result->complete);
}

TEST(Decoder, NonsenseIsRefusedOrEnds) {
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    std::vector<Sample> all = samples(some_text(200));
    std::string damaged = all[random() % all.size()].bytes;
    damaged[random() % damaged.size()] ^= static_cast<char>(1U << random() % 8);
    for (const Sample& sample : all) {
      decoded(sample.header, bytes, 1 + random() % 50, 1 + random() % 50);
      decoded(sample.header, damaged, 1 + random() % 50, 1 + random() % 50);
    }
  }
}

TEST(Decoder, TextThatIsNotEncodedIsRefused) {
  for (const char* header : {"gzip", "deflate", "br", "br, gzip"})
    EXPECT_FALSE(decoded(header, "<!DOCTYPE html><p>Plain, in spite of what its header says</p>", 100, 100)) << header;
}

}  // namespace
}  // namespace personalize::module
