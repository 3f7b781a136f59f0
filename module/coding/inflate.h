// zlib's two codings, `gzip` and `deflate`.
#pragma once

#include <zlib.h>

#include <array>

#include "module/coding/decoder.h"

namespace personalize::module {

/// Any number of gzip members one after the other, as RFC 1952 allows; anything else that follows them is ignored, as
/// gzip does.
class GzipDecoder final : public Decoder {
 public:
  GzipDecoder();
  ~GzipDecoder() override;
  Result run(std::string_view& input, std::span<unsigned char> output, std::size_t& written) override;

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool after_member_ = false;
};

/// `deflate` is zlib's format (RFC 1950), but some servers send bare deflate data (RFC 1951). Like browsers, it takes a
/// body that does not begin with zlib's header for the latter.
class DeflateDecoder final : public Decoder {
 public:
  ~DeflateDecoder() override;
  Result run(std::string_view& input, std::span<unsigned char> output, std::size_t& written) override;

 private:
  bool begin(std::string_view& input);
  Result inflate(std::string_view& input, std::span<unsigned char> output, std::size_t& written);

  z_stream stream_{};
  std::array<unsigned char, 2> head_{};
  std::size_t head_size_ = 0;
  enum class State { before_head, inside, after_end, broken } state_ = State::before_head;
};

}  // namespace personalize::module
