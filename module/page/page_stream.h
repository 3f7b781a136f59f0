// A page on its way through the rewriter: NGINX's buffers in, NGINX's buffers out.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "html/rewriter.h"
#include "module/coding/decoder.h"
#include "module/ngx.h"
#include "module/page/fact_tap.h"
#include "module/page/page_charset.h"

namespace personalize::module {

/// Unchanged bytes leave as slices of the buffers they came in, which are returned when their last slice has been sent.
/// Memory is bounded: while the client does not keep up, input is not consumed.
class PageStream final : public html::Sink {
 public:
  PageStream(ngx_http_request_t* r, ngx_http_output_body_filter_pt next, const html::Selectors& selectors,
             std::span<const html::Edit> edits, const html::RewriterOptions& options, std::unique_ptr<Decoder> decoder);

  /// Who gets the decoded page, too; outlives the stream.
  void tell(FactTap& facts) { facts_ = &facts; }

  /// The response's header must wait: the stream sends it with `send`, after it has named the page's charset if need
  /// be.
  bool keeps_header(ngx_http_output_header_filter_pt send);

  /// A body filter. With a null `in` it sends what is pending.
  ngx_int_t filter(ngx_chain_t* in);

  std::span<const html::EditResult> results() const { return rewriter_.results(); }
  /// The page's last byte went through the rewriter.
  bool ended() const { return ended_; }
  /// … and it was the whole page, not just what had come when the upstream broke off.
  bool complete() const { return ended_ && !truncated_; }
  /// … and the next filters have all of it: neither the page nor inserted content is needed any more.
  bool drained() const { return ended_ && in_ == nullptr && out_ == nullptr && busy_ == nullptr; }

  void pass(std::string_view bytes) override;
  void insert(std::string_view bytes) override;
  void copy(std::string_view bytes) override;

 private:
  enum class Progress { done, blocked, failed };

  Progress produce();
  Progress consume_buffer(ngx_buf_t& in);
  Progress without_memory(const ngx_buf_t& in);
  Progress consume_encoded(ngx_buf_t& in);
  void tell_broken(const char* how);
  void feed(std::string_view bytes);
  void rewrite(std::string_view bytes);
  void give_up(std::string_view chunk) noexcept;
  void release_source(ngx_buf_t* source);
  void end_page();
  void copy_flags(const ngx_buf_t& in);
  bool upstream_broke_off(const ngx_buf_t& in) const;
  bool full() const { return out_buffers_ >= max_out_buffers || busy_buffers_ >= max_busy_buffers; }

  ngx_int_t send_header();
  ngx_int_t send();
  void recycle();
  ngx_chain_t* take_link(ngx_chain_t*& free_list);
  ngx_buf_t* append_slice(std::string_view bytes);
  void append_special(const ngx_buf_t* flags);
  void append(ngx_chain_t* link);

  static constexpr std::size_t piece = 128 * 1024;    ///< bytes that the rewriter gets at once, at most
  static constexpr std::size_t copy_size = 4 * 1024;  ///< size of a buffer for bytes of our own
  static constexpr std::size_t decoded_size = 16 * 1024;
  static constexpr unsigned max_decoded_buffers = 4;
  static constexpr std::size_t max_out_buffers = 64;   ///< before the next filter gets them
  static constexpr std::size_t max_busy_buffers = 64;  ///< before input has to wait
  static constexpr std::size_t small = 64;  ///< shorter pieces are copied, which is cheaper than a buffer of their own

  ngx_http_request_t* r_;
  ngx_http_output_body_filter_pt next_;
  html::Rewriter rewriter_;
  std::unique_ptr<Decoder> decoder_;  // null: the body is not encoded
  PageCharset charset_;
  FactTap* facts_ = nullptr;
  ngx_http_output_header_filter_pt send_header_ = nullptr;  // the header waits

  ngx_chain_t* in_ = nullptr;   // not yet consumed
  std::size_t offset_ = 0;      // of what has been consumed, in the first buffer of `in_`
  ngx_chain_t* out_ = nullptr;  // for the next filter
  ngx_chain_t** out_end_ = &out_;
  ngx_buf_t* out_tail_ = nullptr;  // last buffer of `out_`
  std::size_t out_buffers_ = 0;
  ngx_chain_t* busy_ = nullptr;  // given to the next filter, but not sent
  std::size_t busy_buffers_ = 0;
  ngx_chain_t* free_slices_ = nullptr;
  ngx_chain_t* free_copies_ = nullptr;

  std::string_view source_;            // memory that slices may point into
  ngx_buf_t* source_slice_ = nullptr;  // last slice of the source that is not sent
  ngx_buf_t* decoded_buffers_[max_decoded_buffers] = {};
  bool no_memory_ = false;
  bool gave_up_ = false;  // an exception: the rest of the page passes as it comes
  bool ended_ = false;
  bool truncated_ = false;
};

}  // namespace personalize::module
