#include "module/splicing/splice_filter.h"

#include <optional>

#include "module/log/log.h"
#include "module/page/filters.h"
#include "module/status/stopwatch.h"

namespace personalize::module {
namespace {

/// True for files that NGINX itself sends, which have a modification time; other handlers may send their body later.
bool is_file(const ngx_http_request_t* r) {
  return r->upstream == nullptr && !r->cached && r->headers_out.content_length_n > 0 &&
         r->headers_out.last_modified_time != -1;
}

std::optional<PageFile> file_of(const ngx_http_request_t* r, const ngx_chain_t* body) {
#if (NGX_HTTP_CACHE)
  if (r->cached && r->cache != nullptr) {
    ngx_http_cache_t& cache = *r->cache;
    return PageFile{cache.file.fd, static_cast<off_t>(cache.body_start),
                    cache.length,  &cache.file,
                    true,          hash(view(cache.etag)).low ^ static_cast<std::uint64_t>(cache.last_modified)};
  }
#endif
  if (!is_file(r) || body == nullptr || body->next != nullptr) return std::nullopt;
  const ngx_buf_t& buffer = *body->buf;
  if (!buffer.in_file || ngx_buf_in_memory(&buffer) || !buffer.last_buf) return std::nullopt;
  return PageFile{buffer.file->fd, buffer.file_pos, buffer.file_last, buffer.file, false, 0};
}

/// Compresses the page if the client and the configuration want that.
Path pack(Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  const auto* main = static_cast<const MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_personalize_module));
  const ngx_table_elt_t* word = r->headers_out.content_encoding;  // that does not name a coding, but stays
  if (exchange.codings.empty() && word != nullptr && word->hash != 0 && word->value.len != 0) return Path::splice;
  const Coding coding = wanted_coding(r, main->compressors, exchange.splice.page->size());
  if (coding == Coding::identity || !exchange.splice.page->pack(coding, exchange)) return Path::splice;
  return coding == Coding::gzip ? Path::splice_gzip : Path::splice_br;
}

bool may_be_spliced(const Exchange& exchange) {
  if (exchange.request->headers_out.status != NGX_HTTP_OK) return false;  // other filters leave other statuses alone
  return has_plan_zone() && exchange.mode == Mode::on && exchange.skipped == Skipped::no;
}

FilterEffects& filter_effects(const ngx_http_request_t* r) { return *location_conf(r)->filter_effects; }

/// Sets the final length and removes the original encoding. A filter that changes pages removes the length, by which
/// `accept_spliced` recognizes it.
void announce(Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  if (!exchange.codings.empty()) forget_content_encoding(r);  // otherwise other filters would decompress it
  r->headers_out.content_length_n = static_cast<off_t>(exchange.splice.page->size());
  if (r->headers_out.content_length == nullptr) return;
  r->headers_out.content_length->hash = 0;
  r->headers_out.content_length = nullptr;
}

}  // namespace

bool waits_for_body(const Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  if (!is_file(r) || !may_be_spliced(exchange)) return false;
  const FilterEffect* effect = filter_effects(r).find(content_type(r), exchange.codings);
  return effect == nullptr || !effect->changes_pages;
}

void try_to_splice(Exchange& exchange, const ngx_chain_t* body) {
  ngx_http_request_t* r = exchange.request;
  exchange.splice.type_before = content_type(r);
  exchange.splice.memory_needed = r->main_filter_need_in_memory;
  if (!may_be_spliced(exchange)) return;
  const std::optional<PageFile> file = file_of(r, body);
  if (!file) return;
  const FilterEffect* effect = filter_effects(r).find(exchange.splice.type_before, exchange.codings);
  if (effect == nullptr) {
    exchange.splice.unknown_file = file;
    return;
  }
  if (effect->changes_pages) return;
  Stopwatch stopwatch(exchange.rewrite_nanoseconds, exchange.decided_at);
  exchange.splice.page = SplicedPage::make(exchange, *file, *effect);
  if (!exchange.splice.page) return;
  exchange.path = pack(exchange);
  const bool conditional = (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) != 0;
  if (conditional && exchange.preconditions.names(r, exchange.splice.page->etag())) exchange.path = Path::not_modified;
  announce(exchange);
}

bool accept_spliced(Exchange& exchange, const BodyCodings& codings_after) {
  ngx_http_request_t* r = exchange.request;
  if (r->headers_out.status != NGX_HTTP_OK) return false;
  const bool needs_memory = r->filter_need_in_memory || r->filter_need_temporary ||
                            (r->main_filter_need_in_memory && !exchange.splice.memory_needed);
  const bool tried = exchange.splice.page.has_value();
  const bool untouched =
      !needs_memory && codings_after == (tried ? BodyCodings() : exchange.codings) &&
      (!tried || r->headers_out.content_length_n == static_cast<off_t>(exchange.splice.page->size()));
  FilterEffect* known = filter_effects(r).find(exchange.splice.type_before, exchange.codings);
  const std::string_view type_after = content_type(r);
  if (tried && untouched && known != nullptr && known->type_after == type_after) {
    known->confirm();
    if (exchange.path == Path::not_modified) answer_not_modified(r);
    return true;
  }
  FilterEffect seen(exchange.splice.type_before, exchange.codings, type_after);
  if (tried)
    seen.changes_pages = !untouched || known == nullptr || !known->guessed;
  else  // filters that need nothing in memory, such as `addition`, only become visible when splicing is tried
    seen.changes_pages = !untouched;
  seen.hidden = tried && !untouched && !needs_memory && codings_after.empty();
  // If `gunzip` decompressed the page, that alone may be why it was needed in memory, so nothing is learnt.
  const bool certain = tried || untouched || exchange.codings.empty() || codings_after == exchange.codings;
  if (exchange.splice.unknown_file) SplicedPage::note(exchange, *exchange.splice.unknown_file, seen);
  if (certain) filter_effects(r).learn(std::move(seen), tried);
  exchange.splice.page.reset();
  exchange.path = Path::stream;
  return false;
}

void give_up_spliced(Exchange& exchange) {
  exchange.splice.page.reset();
  exchange.path = Path::stream;
}

}  // namespace personalize::module
