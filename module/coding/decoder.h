// An encoded body, unpacked piece by piece.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "module/coding/body_codings.h"

namespace personalize::module {

/// Only needs memory for the coding's window (gzip and deflate 32 kB, Brotli up to 16 MB), however large the decoded
/// body is.
class Decoder {
 public:
  enum class Result { more, failed };

  Decoder() = default;
  virtual ~Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Takes from the front of `input`, fills `output` from the front, and says in `written` how much of it. Ends when
  /// either is used up. Call again, even without input, while `pending`.
  virtual Result run(std::string_view& input, std::span<unsigned char> output, std::size_t& written) = 0;

  /// There may be more output without more input.
  bool pending() const { return pending_; }
  /// If the body ends here it is not truncated: either nothing has come, as for an empty body, or all of it.
  bool complete() const { return complete_; }

 protected:
  bool pending_ = false;
  bool complete_ = true;
};

/// For a body with these codings. Whatever follows the encoded body is ignored, as browsers do.
std::unique_ptr<Decoder> make_decoder(const BodyCodings& codings);

}  // namespace personalize::module
