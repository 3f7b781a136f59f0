#include "module/coding/brotli.h"

#include <brotli/decode.h>
#include <brotli/encode.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace personalize::module {
namespace {

/// After a text of this size, references to words of the dictionary have distances beyond the largest one that is valid
/// at the beginning of a body (121 transforms of at most 2 048 words).
constexpr std::size_t max_bytes = 3 * 1024 * 1024;
constexpr int window_bits = 22;

/// Shorter texts are stored: compressing them takes longer than sending them.
constexpr std::size_t worth_brotli = 192;

/// The first bytes of a piece, stored: what the format expects of a literal depends on the two bytes before it.
constexpr std::size_t first_bytes = 2;

void store_metablocks(std::string& bytes, std::string_view text) {
  constexpr std::size_t max_block = 0x10000;
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), max_block))) {
    const std::size_t size = std::min(text.size(), max_block);
    // From the lowest bit: not the last one, four nibbles of size - 1, not compressed.
    const auto header = static_cast<std::uint32_t>(0U | 0U << 1 | (size - 1) << 3 | 1U << 19);
    for (int shift = 0; shift < 24; shift += 8) bytes += static_cast<char>(header >> shift & 0xFF);
    bytes += text.substr(0, size);
  }
}

/// libbrotli's encoder, for texts somewhere within a body.
class Encoder {
 public:
  Encoder(int quality, int window) : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) return;
    constexpr std::uint32_t somewhere = 1U << 30;
    ready_ = set(BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(quality)) &&
             set(BROTLI_PARAM_LGWIN, static_cast<std::uint32_t>(window)) && set(BROTLI_PARAM_STREAM_OFFSET, somewhere);
  }

  /// Appends `text` in metablocks of its own. False if there is no memory.
  bool run(std::string_view text, std::string& bytes) {
    if (!ready_) return false;
    const auto* in = reinterpret_cast<const std::uint8_t*>(text.data());
    for (std::size_t left = text.size(), no_room = 0;;) {
      if (!BrotliEncoderCompressStream(state_.get(), BROTLI_OPERATION_FLUSH, &left, &in, &no_room, nullptr, nullptr))
        return false;
      std::size_t size = 0;
      const std::uint8_t* out = BrotliEncoderTakeOutput(state_.get(), &size);
      bytes.append(reinterpret_cast<const char*>(out), size);
      if (left == 0 && !BrotliEncoderHasMoreOutput(state_.get())) return true;
    }
  }

 private:
  struct Destroy {
    void operator()(BrotliEncoderState* state) const { BrotliEncoderDestroyInstance(state); }
  };

  bool set(BrotliEncoderParameter parameter, std::uint32_t value) {
    return BrotliEncoderSetParameter(state_.get(), parameter, value) == BROTLI_TRUE;
  }

  std::unique_ptr<BrotliEncoderState, Destroy> state_;
  bool ready_ = false;
};

/// Up to quality 9 libbrotli stops looking for words of the dictionary if fewer than one in 128 attempts succeed. So it
/// first gets a text in which nothing can be found: each byte once, in an order that does not occur in natural text.
std::string discouragement() {
  std::string text;
  for (unsigned i = 0; i < 128; ++i) text += static_cast<char>(0x80 | (i * 77 & 0x7F));
  return text;
}

/// Checks that the piece decodes to `text` at the beginning of a body, where references to the dictionary would show,
/// and after itself, where the result must not depend on what came before.
bool is_good(std::string_view piece, std::string_view text) {
  std::string body(brotli_header());
  ((body += piece) += piece) += brotli_trailer();
  std::vector<std::uint8_t> result(2 * text.size());
  std::size_t size = result.size();
  const auto done =
      BrotliDecoderDecompress(body.size(), reinterpret_cast<const std::uint8_t*>(body.data()), &size, result.data());
  const std::string_view all(reinterpret_cast<const char*>(result.data()), size);
  return done == BROTLI_DECODER_RESULT_SUCCESS && size == result.size() && all.starts_with(text) && all.ends_with(text);
}

}  // namespace

std::string brotli_best(std::string_view text) {
  if (text.size() <= first_bytes || text.size() > max_bytes) return {};
  Encoder encoder(9, window_bits);
  std::string thrown_away, piece;
  if (!encoder.run(discouragement(), thrown_away) || !encoder.run(text.substr(0, first_bytes), thrown_away)) return {};
  store_metablocks(piece, text.substr(0, first_bytes));
  if (!encoder.run(text.substr(first_bytes), piece) || !is_good(piece, text)) return {};
  return piece;
}

void append_brotli(std::string& bytes, std::string_view text) {
  const std::size_t before = bytes.size();
  // Quality 1 does not use the dictionary.
  if (text.size() >= worth_brotli && Encoder(1, 16).run(text, bytes)) return;
  bytes.resize(before);
  store_metablocks(bytes, text);
}

std::string_view brotli_header() {
  // A window of 22 bits, and an empty metablock, which fills up the byte.
  static constexpr char header[] = {0x6B, 0};
  return {header, sizeof header};
}

std::string_view brotli_trailer() {
  static constexpr char last[] = {3};  // a last metablock, empty
  return {last, sizeof last};
}

}  // namespace personalize::module
