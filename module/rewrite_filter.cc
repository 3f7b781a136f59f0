// Between postpone and gzip: one assembled stream of plain bytes. Changes headers, streams the body through the rewriter.
#include "module/filters.h"
#include "module/log.h"

namespace personalize::nginx {
namespace {

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

Exchange* exchange_of(ngx_http_request_t* r) {
  return static_cast<Exchange*>(ngx_http_get_module_ctx(r, ngx_http_personalize_module));
}

bool gzipped(const ngx_http_request_t* r) {
  const ngx_table_elt_t* header = r->headers_out.content_encoding;
  if (header == nullptr || header->hash == 0 || header->value.len == 0) return false;
  return view(header->value).find_first_of("gG") != std::string_view::npos;  // others were skipped, but "identity"
}

/// "text/html; charset=utf-8", in memory of the pool.
std::string_view content_type(ngx_http_request_t* r) {
  std::string_view type = view(r->headers_out.content_type), charset = view(r->headers_out.charset);
  if (charset.empty() || type.find("charset") != std::string_view::npos) return type;
  constexpr std::string_view between = "; charset=";
  auto* text = static_cast<u_char*>(ngx_pnalloc(r->pool, type.size() + between.size() + charset.size()));
  if (text == nullptr) return type;
  u_char* end = ngx_cpymem(text, type.data(), type.size());
  end = ngx_cpymem(end, between.data(), between.size());
  end = ngx_cpymem(end, charset.data(), charset.size());
  return {reinterpret_cast<char*>(text), static_cast<std::size_t>(end - text)};
}

/// A file or a page from the cache: the same bytes for the next visitor.
bool comes_again(const ngx_http_request_t* r) { return r->upstream == nullptr || r->cached; }

void prepare(ngx_http_request_t* r, Exchange& exchange) {
  Stopwatch stopwatch(exchange.nanoseconds);
  if (exchange.skipped != Skipped::no) {
    if (exchange.skipped == Skipped::no_rule_won) make_private(r);
    return;
  }
  bool gzip = gzipped(r);
  html::RewriterOptions options{.content_type = content_type(r)};
  if (comes_again(r)) options.seen = &exchange.edition->seen;
  auto stream = std::make_unique<PageStream>(r, next_body_filter, exchange.visit->engine().rules().selectors(),
                                             exchange.visit->edits(), options, gzip);
  make_private(r);
  forget_body_headers(r, gzip);
  r->main_filter_need_in_memory = 1;
  exchange.stream = std::move(stream);
}

ngx_int_t header_filter(ngx_http_request_t* r) {
  Exchange* exchange = r == r->main ? exchange_of(r) : nullptr;
  if (exchange != nullptr && exchange->decided) {
    guarded(r->connection->log, [&] { prepare(r, *exchange); }, [&] { exchange->skipped = Skipped::failed; });
  }
  return next_header_filter(r);
}

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
  Exchange* exchange = r == r->main ? exchange_of(r) : nullptr;
  if (exchange == nullptr || exchange->stream == nullptr || r->header_only) return next_body_filter(r, in);
  std::uint64_t spent = 0;
  ngx_int_t rc = NGX_OK;
  {
    Stopwatch stopwatch(spent);
    rc = guarded(
        r->connection->log, [&] { return exchange->stream->filter(in); }, []() -> ngx_int_t { return NGX_ERROR; });
  }
  exchange->nanoseconds += spent;
  exchange->rewrite_nanoseconds += spent;
  return rc;
}

}  // namespace

ngx_int_t install_rewrite_filter(ngx_conf_t*) {
  next_header_filter = std::exchange(ngx_http_top_header_filter, header_filter);
  next_body_filter = std::exchange(ngx_http_top_body_filter, body_filter);
  return NGX_OK;
}

}  // namespace personalize::nginx
