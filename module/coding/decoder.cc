#include "module/coding/decoder.h"

#include <brotli/decode.h>

#include <array>
#include <vector>

#include "module/coding/inflate.h"

namespace personalize::module {
namespace {

class BrotliDecoder final : public Decoder {
 public:
  BrotliDecoder() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}

  Result run(std::string_view& input, std::span<unsigned char> output, std::size_t& written) override {
    written = 0;
    if (ended_) input = {};
    if (input.empty() && !pending_) return Result::more;
    if (state_ == nullptr) return Result::failed;
    complete_ = false;
    const auto* in = reinterpret_cast<const std::uint8_t*>(input.data());
    std::size_t in_left = input.size(), out_left = output.size();
    std::uint8_t* out = output.data();
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state_.get(), &in_left, &in, &out_left, &out, nullptr);
    input.remove_prefix(input.size() - in_left);
    written = output.size() - out_left;
    if (result == BROTLI_DECODER_RESULT_ERROR) return Result::failed;
    pending_ = result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    complete_ = ended_ = result == BROTLI_DECODER_RESULT_SUCCESS;
    if (ended_) input = {};
    return Result::more;
  }

 private:
  struct Destroy {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Destroy> state_;
  bool ended_ = false;
};

/// Decoders, each of which reads what the previous one wrote.
class DecoderChain final : public Decoder {
 public:
  void add(std::unique_ptr<Decoder> decoder) { stages_.push_back({std::move(decoder), {}, {}}); }

  Result run(std::string_view& input, std::span<unsigned char> output, std::size_t& written) override {
    written = 0;
    const Result result = run(stages_.size() - 1, input, output, written);
    pending_ = false;
    complete_ = true;
    for (const Stage& stage : stages_) {
      pending_ |= stage.decoder->pending() || !stage.input.empty();
      complete_ &= stage.decoder->complete() && stage.input.empty();
    }
    return result;
  }

 private:
  struct Stage {
    std::unique_ptr<Decoder> decoder;
    std::vector<unsigned char> buffer;  // what the previous stage wrote …
    std::string_view input;             // … and the part of it that this one has not read
  };
  static constexpr std::size_t buffer_size = 16 * 1024;

  /// Until `stage` has written something, or cannot.
  Result run(std::size_t stage, std::string_view& input, std::span<unsigned char> output, std::size_t& written) {
    Stage& self = stages_[stage];
    if (stage == 0) return self.decoder->run(input, output, written);
    self.buffer.resize(buffer_size);
    for (;;) {
      if (self.input.empty() && !self.decoder->pending()) {
        std::size_t size = 0;
        if (run(stage - 1, input, self.buffer, size) == Result::failed) return Result::failed;
        if (size == 0) return Result::more;
        self.input = {reinterpret_cast<char*>(self.buffer.data()), size};
      }
      if (self.decoder->run(self.input, output, written) == Result::failed) return Result::failed;
      if (written != 0) return Result::more;
    }
  }

  std::vector<Stage> stages_;
};

std::unique_ptr<Decoder> make_decoder(BodyCoding coding) {
  switch (coding) {
    case BodyCoding::gzip: return std::make_unique<GzipDecoder>();
    case BodyCoding::deflate: return std::make_unique<DeflateDecoder>();
    case BodyCoding::brotli: break;
  }
  return std::make_unique<BrotliDecoder>();
}

}  // namespace

std::unique_ptr<Decoder> make_decoder(const BodyCodings& codings) {
  const std::span<const BodyCoding> list = codings.list();
  if (list.empty()) return nullptr;
  if (list.size() == 1) return make_decoder(list.front());
  auto chain = std::make_unique<DecoderChain>();
  for (auto last = list.rbegin(); last != list.rend(); ++last) chain->add(make_decoder(*last));
  return chain;
}

}  // namespace personalize::module
