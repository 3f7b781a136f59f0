#include "module/splice_filter.h"

#include <optional>

#include "module/filters.h"
#include "module/log.h"
#include "module/validators.h"

namespace personalize::nginx {
namespace {

/// NGINX's own files have a time of modification; what other handlers send may come whenever it wants.
bool is_file(const ngx_http_request_t* r) {
  return r->upstream == nullptr && !r->cached && r->headers_out.content_length_n > 0 &&
         r->headers_out.last_modified_time != -1;
}

std::optional<PageFile> file_of(const ngx_http_request_t* r, const ngx_chain_t* body) {
#if (NGX_HTTP_CACHE)
  if (r->cached && r->cache != nullptr) {
    ngx_http_cache_t& cache = *r->cache;
    return PageFile{cache.file.fd, static_cast<off_t>(cache.body_start), cache.length, &cache.file, true};
  }
#endif
  if (!is_file(r) || body == nullptr || body->next != nullptr) return std::nullopt;
  const ngx_buf_t& buffer = *body->buf;
  if (!buffer.in_file || ngx_buf_in_memory(&buffer) || !buffer.last_buf) return std::nullopt;
  return PageFile{buffer.file->fd, buffer.file_pos, buffer.file_last, buffer.file, false};
}

/// The page in the form that the client likes best.
Path pack(Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  const auto* main = static_cast<const MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_personalize_module));
  const Coding coding = wanted_coding(r, main->compressors, exchange.spliced->size());
  if (coding == Coding::identity || !exchange.spliced->pack(coding, exchange)) return Path::splice;
  return coding == Coding::gzip ? Path::splice_gzip : Path::splice_br;
}

bool may_be_spliced(const Exchange& exchange) {
  return has_plan_zone() && exchange.mode == Mode::on && exchange.skipped == Skipped::no &&
         !location_conf(exchange.request)->between->changes_pages;
}

void answer_not_modified(Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  exchange.path = Path::not_modified;
  ++counters().not_modified;
  r->headers_out.status = NGX_HTTP_NOT_MODIFIED;
  r->headers_out.status_line.len = 0;
  r->headers_out.content_type.len = 0;
  ngx_http_clear_content_length(r);
}

}  // namespace

bool waits_for_body(const Exchange& exchange) { return may_be_spliced(exchange) && is_file(exchange.request); }

void try_to_splice(Exchange& exchange, const ngx_chain_t* body) {
  ngx_http_request_t* r = exchange.request;
  exchange.type_before = content_type(r);
  exchange.packed = is_gzipped(r);
  exchange.memory_needed = r->main_filter_need_in_memory;
  const Between& between = *location_conf(r)->between;
  if (!may_be_spliced(exchange)) return;
  const std::optional<PageFile> file = file_of(r, body);
  if (!file) return;
  if (between.type_before != exchange.type_before) {
    exchange.unknown_file = file;
    return;
  }
  Stopwatch stopwatch(exchange.rewrite_nanoseconds);
  exchange.spliced = SplicedPage::make(exchange, *file, between.type_behind, exchange.packed);
  if (exchange.spliced == nullptr) return;
  exchange.path = pack(exchange);
  const bool conditional = (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) != 0;
  if (exchange.if_none_match.empty()) exchange.if_none_match = if_none_match(r);
  if (conditional && matches(exchange.if_none_match, exchange.spliced->etag())) {
    answer_not_modified(exchange);
  } else {
    if (exchange.packed) {  // lest others unpack it
      r->headers_out.content_encoding->hash = 0;
      r->headers_out.content_encoding = nullptr;
    }
    // Whoever changes the page on its way to where it is rewritten takes this away.
    r->headers_out.content_length_n = static_cast<off_t>(exchange.spliced->size());
    if (r->headers_out.content_length != nullptr) {
      r->headers_out.content_length->hash = 0;
      r->headers_out.content_length = nullptr;
    }
  }
}

bool accept_spliced(Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  if (exchange.path == Path::not_modified) return true;
  Between& between = *location_conf(r)->between;
  const bool needs_memory = r->filter_need_in_memory || r->filter_need_temporary ||
                            (r->main_filter_need_in_memory && !exchange.memory_needed);
  const std::string type = content_type(r);
  if (exchange.spliced != nullptr && !needs_memory && type == between.type_behind &&
      r->headers_out.content_length_n == static_cast<off_t>(exchange.spliced->size())) {
    return true;
  }
  // What was packed may have been unpacked in front of us, for a client that cannot read it.
  between = {exchange.type_before, type, exchange.spliced != nullptr || (needs_memory && !exchange.packed)};
  if (exchange.unknown_file) SplicedPage::note(exchange, *exchange.unknown_file, type, exchange.packed);
  exchange.spliced.reset();
  exchange.path = Path::stream;
  return false;
}

}  // namespace personalize::nginx
