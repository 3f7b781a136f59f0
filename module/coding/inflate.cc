#include "module/coding/inflate.h"

namespace personalize::module {
namespace {

constexpr int gzip_only = 16;

/// inflate() with one piece of input and one of output; uses as much of both as it can.
int step(z_stream& stream, std::string_view& input, std::span<unsigned char> output, std::size_t& written) {
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = output.data() + written;
  stream.avail_out = static_cast<uInt>(output.size() - written);
  const int rc = ::inflate(&stream, Z_SYNC_FLUSH);
  input.remove_prefix(input.size() - stream.avail_in);
  written = output.size() - stream.avail_out;
  return rc;
}

}  // namespace

GzipDecoder::GzipDecoder() { ready_ = inflateInit2(&stream_, MAX_WBITS + gzip_only) == Z_OK; }

GzipDecoder::~GzipDecoder() {
  if (ready_) inflateEnd(&stream_);
}

Decoder::Result GzipDecoder::run(std::string_view& input, std::span<unsigned char> output, std::size_t& written) {
  written = 0;
  pending_ = false;
  if (!ready_) return Result::failed;
  if (!input.empty() && !after_member_) complete_ = false;
  for (;;) {
    const int rc = step(stream_, input, output, written);
    if (rc == Z_STREAM_END) {
      complete_ = after_member_ = true;
      if (inflateReset(&stream_) != Z_OK) return Result::failed;
      if (input.empty()) return Result::more;
    } else if (rc == Z_DATA_ERROR && after_member_) {
      input = {};
      return Result::more;
    } else if (rc == Z_BUF_ERROR) {
      return Result::more;  // nothing to do without more input or output
    } else if (rc != Z_OK) {
      return Result::failed;
    } else if (stream_.total_out != 0) {
      complete_ = after_member_ = false;
    }
    pending_ = stream_.avail_out == 0;
    if (pending_ || input.empty()) return Result::more;
  }
}

DeflateDecoder::~DeflateDecoder() {
  if (state_ == State::inside || state_ == State::after_end) inflateEnd(&stream_);
}

/// Looks at the first two bytes. False if they have not come yet, or if there is no memory.
bool DeflateDecoder::begin(std::string_view& input) {
  while (head_size_ < head_.size() && !input.empty()) {
    head_[head_size_++] = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
  }
  if (head_size_ < head_.size()) return false;
  const bool zlib = (head_[0] & 0x0F) == Z_DEFLATED && (head_[0] * 256U + head_[1]) % 31 == 0;
  const bool ready = inflateInit2(&stream_, zlib ? MAX_WBITS : -MAX_WBITS) == Z_OK;
  state_ = ready ? State::inside : State::broken;
  return ready;
}

Decoder::Result DeflateDecoder::inflate(std::string_view& input, std::span<unsigned char> output,
                                        std::size_t& written) {
  const int rc = step(stream_, input, output, written);
  if (rc == Z_STREAM_END) {
    state_ = State::after_end;
    complete_ = true;
    input = {};
    return Result::more;
  }
  if (rc != Z_OK && rc != Z_BUF_ERROR) return Result::failed;
  pending_ = stream_.avail_out == 0;
  return Result::more;
}

Decoder::Result DeflateDecoder::run(std::string_view& input, std::span<unsigned char> output, std::size_t& written) {
  written = 0;
  pending_ = false;
  if (state_ == State::after_end) input = {};
  if (input.empty() && state_ != State::inside) return Result::more;
  complete_ = false;
  if (state_ == State::before_head) {
    if (!begin(input)) return state_ == State::broken ? Result::failed : Result::more;
    std::string_view head(reinterpret_cast<char*>(head_.data()), head_.size());
    if (inflate(head, output, written) == Result::failed) return Result::failed;
    if (state_ == State::after_end) input = {};
  }
  while (state_ == State::inside && !pending_ && !input.empty())
    if (inflate(input, output, written) == Result::failed) return Result::failed;
  if (state_ == State::inside && input.empty() && written == 0) return inflate(input, output, written);
  return Result::more;
}

}  // namespace personalize::module
