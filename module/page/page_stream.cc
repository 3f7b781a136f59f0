#include "module/page/page_stream.h"

#include <algorithm>
#include <cassert>

#include "html/limits.h"
#include "module/log/log.h"
#include "module/page/filters.h"

namespace personalize::module {
namespace {

std::string_view memory(const ngx_buf_t& buffer, std::size_t offset) {
  assert(offset <= static_cast<std::size_t>(buffer.last - buffer.pos));
  return {reinterpret_cast<char*>(buffer.pos) + offset, static_cast<std::size_t>(buffer.last - buffer.pos) - offset};
}

}  // namespace

PageStream::PageStream(ngx_http_request_t* r, ngx_http_output_body_filter_pt next, const html::Selectors& selectors,
                       std::span<const html::Edit> edits, const html::RewriterOptions& options,
                       std::unique_ptr<Decoder> decoder)
    : r_(r),
      next_(next),
      rewriter_(selectors, edits, *this, options),
      decoder_(std::move(decoder)),
      charset_(options.content_type) {}

bool PageStream::keeps_header(ngx_http_output_header_filter_pt send) {
  if (charset_.known()) return false;
  send_header_ = send;
  return true;
}

ngx_int_t PageStream::filter(ngx_chain_t* in) {
  if (in != nullptr && ngx_chain_add_copy(r_->pool, &in_, in) != NGX_OK) return NGX_ERROR;
  bool drain = in == nullptr;
  for (;;) {
    Progress progress = produce();
    if (progress == Progress::failed || no_memory_) return NGX_ERROR;
    if (out_ == nullptr && busy_ == nullptr && !drain) {
      r_->buffered &= ~buffered_bit;
      return NGX_OK;
    }
    if (send_header_ != nullptr) {
      if (!charset_.known() && !ended_ && progress == Progress::done) return NGX_OK;
      if (const ngx_int_t rc = send_header(); rc == NGX_ERROR || rc > NGX_OK) return NGX_ERROR;
    }
    drain = false;
    // There is more input: what the socket can take must be sent now, as otherwise nothing would call us again.
    if (progress == Progress::blocked && out_tail_ != nullptr) out_tail_->recycled = 1;
    ngx_int_t rc = send();
    if (rc == NGX_ERROR) return rc;
    if (progress == Progress::done) {
      r_->buffered &= ~buffered_bit;
      return rc;
    }
    if (busy_buffers_ >= max_busy_buffers || (decoder_ && busy_ != nullptr)) {  // the client does not keep up
      r_->buffered |= buffered_bit;
      return NGX_AGAIN;
    }
  }
}

PageStream::Progress PageStream::produce() {
  while (in_ != nullptr) {
    if (full()) return Progress::blocked;
    ngx_buf_t& in = *in_->buf;
    Progress progress = decoder_ ? consume_encoded(in) : consume_buffer(in);
    if (progress != Progress::done) return progress;
    offset_ = 0;
    copy_flags(in);
    ngx_chain_t* link = in_;
    in_ = in_->next;
    ngx_free_chain(r_->pool, link);
  }
  return Progress::done;
}

/// Special buffers have no bytes. NGINX's copy filter reads files into memory because of `main_filter_need_in_memory`,
/// but a filter after it may do what it likes.
PageStream::Progress PageStream::without_memory(const ngx_buf_t& in) {
  if (!in.in_file || in.file_pos == in.file_last) return Progress::done;
  log_limited(
      Topic::rewrite, NGX_LOG_ERR, r_->connection->log,
      "a filter between NGINX's copy filter and this module sends %O bytes that are in a file only: the response "
      "is cut off",
      in.file_last - in.file_pos);
  return Progress::failed;
}

PageStream::Progress PageStream::consume_buffer(ngx_buf_t& in) {
  if (!ngx_buf_in_memory(&in)) return without_memory(in);
  for (std::string_view rest; !(rest = memory(in, offset_)).empty();) {
    if (full()) return Progress::blocked;
    rest = rest.substr(0, piece);
    feed(rest);
    offset_ += rest.size();
  }
  release_source(&in);
  return Progress::done;
}

PageStream::Progress PageStream::consume_encoded(ngx_buf_t& in) {
  if (!ngx_buf_in_memory(&in)) return without_memory(in);
  while (in.pos != in.last || decoder_->pending()) {
    if (full()) return Progress::blocked;
    auto free = std::find_if(std::begin(decoded_buffers_), std::end(decoded_buffers_),
                             [](ngx_buf_t* buffer) { return buffer == nullptr || buffer->pos == buffer->last; });
    if (free == std::end(decoded_buffers_)) return Progress::blocked;
    if (*free == nullptr) *free = ngx_create_temp_buf(r_->pool, decoded_size);
    if (*free == nullptr) return Progress::failed;
    ngx_buf_t& unpacked = **free;
    std::string_view packed = memory(in, 0);
    std::size_t written = 0;
    Decoder::Result result = decoder_->run(packed, {unpacked.start, decoded_size}, written);
    assert(packed.size() <= static_cast<std::size_t>(in.last - in.pos) && written <= decoded_size);
    in.pos = in.last - packed.size();
    if (in.pos == in.last) in.file_pos = in.file_last;
    if (result == Decoder::Result::failed) {
      tell_broken("broken");
      return Progress::failed;
    }
    unpacked.pos = unpacked.start;
    unpacked.last = unpacked.start + written;
    if (written == 0) continue;
    feed(memory(unpacked, 0));
    release_source(&unpacked);
  }
  return Progress::done;
}

void PageStream::tell_broken(const char* how) {
  ++counters().bodies_broken;
  log_limited(Topic::decoding, NGX_LOG_ERR, r_->connection->log, "the page's encoded body is %s", how);
}

void PageStream::feed(std::string_view bytes) {
  if (send_header_ != nullptr) charset_.read(bytes);
  if (facts_ != nullptr) facts_->write(bytes);
  source_ = bytes;
  if (gave_up_)
    pass(bytes);
  else
    rewrite(bytes);
  source_ = {};
}

/// The rewriter only throws if there is no memory; then the rest of the page goes out unchanged.
void PageStream::rewrite(std::string_view bytes) {
  guarded(
      r_->connection->log, [&] { rewriter_.write(bytes); }, [&] { give_up(bytes); });
}

void PageStream::give_up(std::string_view chunk) noexcept {
  gave_up_ = true;
  rewriter_.abandon(chunk);
}

/// The whole source has been rewritten: it is returned with the last of its slices, or now if there are none.
void PageStream::release_source(ngx_buf_t* source) {
  if (source_slice_ == nullptr) {
    source->pos = source->last;
    source->file_pos = source->file_last;
    return;
  }
  assert(source_slice_->shadow == nullptr && source_slice_->start == nullptr);  // a slice of this source only
  source_slice_->shadow = source;
  source_slice_->recycled = source->recycled;
  source_slice_ = nullptr;
}

void PageStream::end_page() {
  if (ended_) return;
  ended_ = true;
  if (!gave_up_)
    guarded(
        r_->connection->log, [&] { rewriter_.end(); }, [&] { give_up({}); });
}

/// The response of an upstream that broke off ends with a flush and without a last buffer: nothing will complete the
/// held bytes.
bool PageStream::upstream_broke_off(const ngx_buf_t& in) const {
  return in.flush && !r_->keepalive && r_->upstream != nullptr && r_->upstream->cleanup == nullptr;
}

void PageStream::copy_flags(const ngx_buf_t& in) {
  const bool broke_off = upstream_broke_off(in);
  if (in.last_buf || broke_off) end_page();
  truncated_ = truncated_ || broke_off;
  if (in.last_buf && decoder_ && !decoder_->complete()) {
    truncated_ = true;
    tell_broken("truncated");
    r_->keepalive = 0;  // without a last buffer the client sees that something is missing
    ngx_buf_t flush{};
    flush.flush = 1;
    append_special(&flush);
  } else if (in.last_buf || in.flush || in.sync) {
    append_special(&in);
  }
}

// --- html::Sink -----------------------------------------------------------------------------------------------------

void PageStream::pass(std::string_view bytes) {
  bool inside = bytes.data() >= source_.data() && bytes.data() + bytes.size() <= source_.data() + source_.size();
  bool own_slice = out_tail_ != nullptr && out_tail_ == source_slice_;
  if (own_slice && out_tail_->last == as_ngx(bytes).data) {
    out_tail_->last += bytes.size();
    return;
  }
  // While the header waits, the source is free for more of the page.
  const bool waits = send_header_ != nullptr && !charset_.known();
  if (!inside || bytes.size() < small || waits) return copy(bytes);
  if (ngx_buf_t* slice = append_slice(bytes)) source_slice_ = slice;
}

void PageStream::insert(std::string_view bytes) {
  if (bytes.size() < small) return copy(bytes);
  append_slice(bytes);
}

void PageStream::copy(std::string_view bytes) {
  while (!bytes.empty()) {
    bool room = out_tail_ != nullptr && out_tail_->start != nullptr && out_tail_->last < out_tail_->end;
    if (!room) {
      ngx_chain_t* link = free_copies_ != nullptr ? take_link(free_copies_) : nullptr;
      if (link == nullptr) {
        link = ngx_alloc_chain_link(r_->pool);
        if (link != nullptr) link->buf = ngx_create_temp_buf(r_->pool, copy_size);
      }
      if (link == nullptr || link->buf == nullptr) {
        no_memory_ = true;
        return;
      }
      append(link);
    }
    assert(out_tail_->last < out_tail_->end);
    std::size_t size = std::min(bytes.size(), static_cast<std::size_t>(out_tail_->end - out_tail_->last));
    out_tail_->last = ngx_cpymem(out_tail_->last, bytes.data(), size);
    bytes.remove_prefix(size);
  }
}

// --- buffers out ----------------------------------------------------------------------------------------------------

ngx_chain_t* PageStream::take_link(ngx_chain_t*& free_list) {
  assert(free_list != nullptr);
  ngx_chain_t* link = free_list;
  free_list = link->next;
  return link;
}

void PageStream::append(ngx_chain_t* link) {
  link->next = nullptr;
  *out_end_ = link;
  out_end_ = &link->next;
  out_tail_ = link->buf;
  ++out_buffers_;
}

ngx_buf_t* PageStream::append_slice(std::string_view bytes) {
  if (bytes.empty()) return nullptr;
  ngx_chain_t* link = free_slices_ != nullptr ? take_link(free_slices_) : nullptr;
  if (link == nullptr) {
    link = ngx_alloc_chain_link(r_->pool);
    if (link != nullptr) link->buf = static_cast<ngx_buf_t*>(ngx_palloc(r_->pool, sizeof(ngx_buf_t)));
  }
  if (link == nullptr || link->buf == nullptr) {
    no_memory_ = true;
    return nullptr;
  }
  ngx_memzero(link->buf, sizeof(ngx_buf_t));
  link->buf->memory = 1;
  link->buf->pos = as_ngx(bytes).data;
  link->buf->last = link->buf->pos + bytes.size();
  append(link);
  return link->buf;
}

/// Later filters may look at a special buffer after it counts as sent, so these are not used again.
void PageStream::append_special(const ngx_buf_t* flags) {
  if (flags->flush && !flags->last_buf && out_tail_ != nullptr) {
    out_tail_->flush = 1;
    return;
  }
  ngx_chain_t* link = ngx_alloc_chain_link(r_->pool);
  if (link != nullptr) link->buf = static_cast<ngx_buf_t*>(ngx_calloc_buf(r_->pool));
  if (link == nullptr || link->buf == nullptr) {
    no_memory_ = true;
    return;
  }
  link->buf->last_buf = flags->last_buf;
  link->buf->last_in_chain = flags->last_buf;
  link->buf->flush = flags->flush;
  link->buf->sync = flags->sync;
  append(link);
}

ngx_int_t PageStream::send_header() {
  std::string start;
  for (const ngx_chain_t* link = out_; link != nullptr && start.size() < html::limits::max_prescanned;
       link = link->next)
    start.append(memory(*link->buf, 0).substr(0, html::limits::max_prescanned - start.size()));
  guarded(r_->connection->log, [&] { name_charset(r_, charset_.missing_in(start)); });
  return std::exchange(send_header_, nullptr)(r_);
}

ngx_int_t PageStream::send() {
  ngx_chain_t* out = out_;
  ngx_chain_t** busy_end = &busy_;
  while (*busy_end != nullptr) busy_end = &(*busy_end)->next;
  *busy_end = out;
  busy_buffers_ += std::exchange(out_buffers_, 0);
  out_ = nullptr;
  out_end_ = &out_;
  out_tail_ = nullptr;
  ngx_int_t rc = next_(r_, out);
  recycle();
  return rc;
}

void PageStream::recycle() {
  while (busy_ != nullptr && ngx_buf_size(busy_->buf) == 0) {
    ngx_chain_t* link = busy_;
    busy_ = link->next;
    assert(busy_buffers_ != 0);
    --busy_buffers_;
    ngx_buf_t& buffer = *link->buf;
    if (&buffer == source_slice_) source_slice_ = nullptr;
    if (buffer.shadow != nullptr) {
      buffer.shadow->pos = buffer.shadow->last;
      buffer.shadow->file_pos = buffer.shadow->file_last;
    }
    if (buffer.start != nullptr) {
      buffer.pos = buffer.last = buffer.start;
      buffer.flush = buffer.recycled = 0;
      link->next = free_copies_;
      free_copies_ = link;
    } else if (ngx_buf_in_memory(&buffer)) {
      link->next = free_slices_;
      free_slices_ = link;
    } else {
      ngx_free_chain(r_->pool, link);
    }
  }
}

}  // namespace personalize::module
