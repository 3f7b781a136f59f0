// A gzip body, unpacked piece by piece.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace personalize::nginx {

/// Any number of gzip members one after the other, as RFC 1952 allows; what follows them and is none is ignored, as
/// gzip does.
class Inflate {
 public:
  enum class Result { more, failed };

  Inflate();
  ~Inflate();
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  /// Takes from the front of `input`, fills `output` from the front; `written` is how much of it. Ends when one of them
  /// is used up. Call again, also without input, while `pending`.
  Result run(std::string_view& input, std::span<unsigned char> output, std::size_t& written);

  /// There may be more output without more input.
  bool pending() const { return pending_; }
  /// True behind a member: an end here is no truncation.
  bool complete() const { return complete_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool pending_ = false;
  bool complete_ = false;
};

}  // namespace personalize::nginx
