#include "module/coding/inflate.h"

namespace personalize::nginx {

Inflate::Inflate() {
  constexpr int gzip_only = 16;
  ready_ = inflateInit2(&stream_, MAX_WBITS + gzip_only) == Z_OK;
}

Inflate::~Inflate() {
  if (ready_) inflateEnd(&stream_);
}

Inflate::Result Inflate::run(std::string_view& input, std::span<unsigned char> output, std::size_t& written) {
  written = 0;
  pending_ = false;
  if (!ready_) return Result::failed;
  for (;;) {
    stream_.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = output.data() + written;
    stream_.avail_out = static_cast<uInt>(output.size() - written);
    int rc = ::inflate(&stream_, Z_SYNC_FLUSH);
    input.remove_prefix(input.size() - stream_.avail_in);
    written = output.size() - stream_.avail_out;
    if (rc == Z_STREAM_END) {
      complete_ = true;
      if (inflateReset(&stream_) != Z_OK) return Result::failed;
      if (input.empty()) return Result::more;
    } else if (rc == Z_DATA_ERROR && complete_) {
      input = {};
      return Result::more;
    } else if (rc == Z_BUF_ERROR) {
      return Result::more;  // nothing to do without more input or output
    } else if (rc != Z_OK) {
      return Result::failed;
    } else if (stream_.total_out != 0) {
      complete_ = false;
    }
    pending_ = stream_.avail_out == 0;
    if (pending_ || input.empty()) return Result::more;
  }
}

}  // namespace personalize::nginx
