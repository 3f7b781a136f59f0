#include "module/splicing/page_chain.h"

#include <cassert>

namespace personalize::module {
namespace {

/// Linux builds packets of at most 64 kB in 17 fragments: two for bytes copied from memory, one for each page of a
/// file. If as many bytes precede them as a page has, the file's pages fill a packet. A packet that is not full waits
/// for the next one, so that both are ready at once; if sending is paced (BBR), the second one then waits for a timer,
/// which costs more than everything else here.
constexpr off_t file_page = 4096;

struct Link {
  ngx_chain_t link;
  ngx_buf_t buffer;
};

class Builder {
 public:
  /// `links` must be zeroed, and enough for all pieces.
  Builder(std::span<Link> links, const SendableBody* body)
      : next_(links.data()), end_(next_ + links.size()), body_(body) {}

  void add(const PagePiece& piece) {
    if (piece.bytes == nullptr) return add_unread(piece);
    if (body_ != nullptr && piece.of_body && add_from_file(piece)) return;
    add_memory(piece.text());
  }

  PageChain finish() {
    if (last_ == nullptr) return {};
    if (empty_) last_->buffer.memory = 0;
    last_->buffer.last_buf = last_->buffer.last_in_chain = 1;
    return {first_, in_file_};
  }

 private:
  /// False, with nothing done, if it is not worth it.
  bool add_from_file(const PagePiece& piece) {
    const std::string_view bytes = piece.text();
    const off_t at = place_of(piece);
    const off_t missing = file_page - std::min(file_page, in_memory_);
    const off_t begin = (at + missing + file_page - 1) / file_page * file_page;
    const off_t end = (at + static_cast<off_t>(bytes.size())) / file_page * file_page;
    if (end - begin < static_cast<off_t>(worth_a_sendfile)) return false;
    if (begin != at) add_memory(bytes.substr(0, static_cast<std::size_t>(begin - at)));
    add_memory(bytes.substr(static_cast<std::size_t>(begin - at), static_cast<std::size_t>(end - begin)));
    refer_to_file(begin, end);
    if (const std::string_view rest = bytes.substr(static_cast<std::size_t>(end - at)); !rest.empty()) add_memory(rest);
    return true;
  }

  void add_unread(const PagePiece& piece) {
    assert(body_ != nullptr && piece.of_body);
    add_buffer();
    refer_to_file(place_of(piece), place_of(piece) + static_cast<off_t>(piece.size));
    empty_ &= piece.size == 0;
  }

  off_t place_of(const PagePiece& piece) const { return body_->from + static_cast<off_t>(piece.at); }

  /// Where the piece that was added last is in the file.
  void refer_to_file(off_t begin, off_t end) {
    ngx_buf_t& buffer = last_->buffer;
    buffer.in_file = 1;
    buffer.file = body_->file;
    buffer.file_pos = begin;
    buffer.file_last = end;
    in_file_ = true;
    in_memory_ = 0;
  }

  void add_memory(std::string_view bytes) {
    add_buffer();
    ngx_buf_t& buffer = last_->buffer;
    buffer.memory = 1;
    buffer.pos = buffer.start = as_ngx(bytes).data;
    buffer.last = buffer.end = buffer.pos + bytes.size();
    in_memory_ += static_cast<off_t>(bytes.size());
    empty_ &= bytes.empty();
  }

  void add_buffer() {
    assert(next_ != end_);
    next_->link.buf = &next_->buffer;
    if (last_ != nullptr)
      last_->link.next = &next_->link;
    else
      first_ = &next_->link;
    last_ = next_++;
  }

  Link* next_;
  [[maybe_unused]] const Link* end_;
  const SendableBody* body_;
  ngx_chain_t* first_ = nullptr;
  Link* last_ = nullptr;
  bool empty_ = true;
  off_t in_memory_ = 0;  // since the last bytes from the file
  bool in_file_ = false;
};

}  // namespace

PageChain page_chain(ngx_pool_t* pool, std::span<const PagePiece> pieces, const SendableBody* body) {
  std::size_t most = pieces.size();
  if (body != nullptr) {
    for (const PagePiece& piece : pieces) most += piece.of_body && piece.size >= worth_a_sendfile ? 2 : 0;
  }
  auto* links = static_cast<Link*>(ngx_pcalloc(pool, most * sizeof(Link)));
  if (links == nullptr) return {};
  Builder builder({links, most}, body);
  for (const PagePiece& piece : pieces) builder.add(piece);
  return builder.finish();
}

}  // namespace personalize::module
