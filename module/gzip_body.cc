#include "module/gzip_body.h"

#include <zlib.h>

#include "module/deflate.h"

namespace personalize::nginx {
namespace {

/// Shorter texts are stored: compressing them takes longer than sending them.
constexpr std::size_t worth_it = 256;

void store(std::string& bytes, std::string_view text) {
  constexpr std::size_t most = 0xFFFF;
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), most))) {
    const std::size_t size = std::min(text.size(), most);
    for (std::size_t number : {size, ~size}) {
      if (number == size) bytes += '\0';  // not the last block; stored
      bytes += static_cast<char>(number & 0xFF);
      bytes += static_cast<char>(number >> 8 & 0xFF);
    }
    bytes += text.substr(0, size);
  }
}

}  // namespace

GzipBody::GzipBody() : own_(gzip_header()) {}

void GzipBody::add(std::string_view text) { text_ += text; }

void GzipBody::add(const PackedPart& part) {
  end_text();
  end_own();
  pieces_.push_back({.part = part.bytes});
  crc_ = part.append_to(crc_);
  size_ += part.size;
}

void GzipBody::finish() {
  end_text();
  own_ += gzip_trailer(crc_, size_);
  end_own();
}

void GzipBody::end_text() {
  if (text_.empty()) return;
  crc_ = static_cast<std::uint32_t>(crc32_z(crc_, reinterpret_cast<const unsigned char*>(text_.data()), text_.size()));
  size_ += text_.size();
  const std::string packed = text_.size() < worth_it ? std::string() : deflate_quickly(text_);
  if (packed.empty())
    store(own_, text_);
  else
    own_ += packed;
  text_.clear();
}

void GzipBody::end_own() {
  if (own_begin_ == own_.size()) return;
  pieces_.push_back({.part = {}, .begin = own_begin_, .size = own_.size() - own_begin_});
  own_begin_ = own_.size();
}

}  // namespace personalize::nginx
