#include "module/coding/deflate.h"

#include <zlib.h>

#include <algorithm>

namespace personalize::module {
namespace {

/// Shorter texts are stored: compressing them takes longer than sending them.
constexpr std::size_t worth_deflating = 256;

void store_blocks(std::string& bytes, std::string_view text) {
  constexpr std::size_t max_block = 0xFFFF;
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), max_block))) {
    const std::size_t size = std::min(text.size(), max_block);
    bytes += '\0';  // not the last block; stored
    for (std::size_t number : {size, ~size}) {
      bytes += static_cast<char>(number & 0xFF);
      bytes += static_cast<char>(number >> 8 & 0xFF);
    }
    bytes += text.substr(0, size);
  }
}

/// zlib's state for one way of compressing, made once.
class Deflate {
 public:
  Deflate(int level, int window_bits, int memory_level) {
    ready_ = deflateInit2(&stream_, level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Deflate() {
    if (ready_) deflateEnd(&stream_);
  }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;

  std::string run(std::string_view bytes) {
    std::string result;
    if (!ready_ || deflateReset(&stream_) != Z_OK) return result;
    constexpr std::size_t flush_marker = 16;  // more than Z_SYNC_FLUSH adds
    result.resize(deflateBound(&stream_, bytes.size()) + flush_marker);
    stream_.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    stream_.next_out = reinterpret_cast<unsigned char*>(result.data());
    stream_.avail_out = static_cast<uInt>(result.size());
    const bool done = deflate(&stream_, Z_SYNC_FLUSH) == Z_OK && stream_.avail_in == 0 && stream_.avail_out != 0;
    result.resize(done ? result.size() - stream_.avail_out : 0);
    return result;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

void append_number(std::string& bytes, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift & 0xFF);
}

}  // namespace

std::string deflate_best(std::string_view text) {
  return Deflate(Z_BEST_COMPRESSION, MAX_WBITS, MAX_MEM_LEVEL).run(text);
}

void append_deflated(std::string& bytes, std::string_view text) {
  // A small window and a small table, as they have to be cleared each time.
  static auto& deflate = *new Deflate(Z_BEST_SPEED, 12, 5);
  const std::string packed = text.size() < worth_deflating ? std::string() : deflate.run(text);
  if (packed.empty())
    store_blocks(bytes, text);
  else
    bytes += packed;
}

std::string_view gzip_header() {
  // Deflate; no name, no time; Unix.
  static constexpr char header[] = {0x1F, '\x8B', 8, 0, 0, 0, 0, 0, 2, 3};
  return {header, sizeof header};
}

std::string gzip_trailer(std::uint32_t crc, std::uint64_t size) {
  std::string trailer("\x03\x00", 2);  // a last block, empty
  append_number(trailer, crc);
  append_number(trailer, static_cast<std::uint32_t>(size));
  return trailer;
}

}  // namespace personalize::module
