#include "module/splicing/packed_body.h"

#include <zlib.h>

#include "module/coding/brotli.h"
#include "module/coding/deflate.h"

namespace personalize::module {

PackedBody::PackedBody(Coding coding)
    : coding_(coding), own_(coding == Coding::gzip ? gzip_header() : brotli_header()) {}

void PackedBody::add(std::string_view text) { text_ += text; }

void PackedBody::add(const PackedPart& part) {
  end_text();
  end_own();
  pieces_.push_back({.part = part.bytes});
  if (coding_ == Coding::gzip) crc_ = part.sum.append_to(crc_);
  size_ += part.sum.size;
}

void PackedBody::finish() {
  end_text();
  if (coding_ == Coding::gzip)
    own_ += gzip_trailer(crc_, size_);
  else
    own_ += brotli_trailer();
  end_own();
}

void PackedBody::end_text() {
  if (text_.empty()) return;
  size_ += text_.size();
  if (coding_ == Coding::gzip) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text_.data());
    crc_ = static_cast<std::uint32_t>(crc32_z(crc_, bytes, text_.size()));
    append_deflated(own_, text_);
  } else {
    append_brotli(own_, text_);
  }
  text_.clear();
}

void PackedBody::end_own() {
  if (own_begin_ == own_.size()) return;
  pieces_.push_back({.part = {}, .begin = own_begin_, .size = own_.size() - own_begin_});
  own_begin_ = own_.size();
}

}  // namespace personalize::module
