// The filter between postpone and gzip, where a page is one assembled stream of plain bytes. Changes headers and
// streams the body through the rewriter.
#include <cassert>

#include "engine/events/make_events.h"
#include "module/events/recorder.h"
#include "module/http/cache_control.h"
#include "module/http/request_values.h"
#include "module/identity/set_cookie.h"
#include "module/log/log.h"
#include "module/page/client_hints.h"
#include "module/page/filters.h"
#include "module/splicing/splice_filter.h"
#include "module/status/stopwatch.h"

namespace personalize::module {
namespace {

/// For a larger page a few short packets do not matter, but the cork does: the worker itself would have to send what is
/// otherwise sent when acknowledgements arrive.
constexpr std::size_t max_corked_bytes = 512 * 1024;

ngx_http_output_header_filter_pt header_filter_after_rewrite;
ngx_http_output_body_filter_pt body_filter_after_rewrite;

Exchange* exchange_of(ngx_http_request_t* r) {
  return static_cast<Exchange*>(ngx_http_get_module_ctx(r, ngx_http_personalize_module));
}

/// Later filters, such as `gzip`, still hold what was given to them, as the client reads slowly.
bool waits_for_client(const ngx_http_request_t* r) { return (r->buffered | r->connection->buffered) != 0; }

/// True if the response is this visitor's only now.
bool prepare(ngx_http_request_t* r, Exchange& exchange) {
  if (exchange.skipped == Skipped::no_rule_won) make_private(r);
  if (exchange.skipped != Skipped::no) return exchange.skipped == Skipped::no_rule_won;
  assert(exchange.evaluation);
  const BodyCodings codings_after = body_codings(r);  // if splicing was tried, it has removed them
  const bool tried = exchange.splice.page.has_value();
  const BodyCodings& codings = tried ? exchange.codings : codings_after;
  if (!codings.readable()) return exchange.leave_encoded(), false;
  const bool has_nonce = exchange.evaluation->engine().host_attributes().reads_nonce();
  const bool spliced_before = has_nonce && exchange.evaluation->take_new_nonce() && tried;  // with another nonce
  if (spliced_before)
    give_up_spliced(exchange);
  else if (accept_spliced(exchange, codings_after))
    return name_page(r, *exchange.splice.page), true;
  Stopwatch stopwatch(exchange.nanoseconds);
  const html::RewriterOptions options{.content_type = content_type(r)};
  auto stream =
      std::make_unique<PageStream>(r, body_filter_after_rewrite, exchange.evaluation->engine().rules().selectors(),
                                   exchange.evaluation->edits(), options, make_decoder(codings));
  make_private(r);
  forget_body_headers(r, !codings.empty());
  r->main_filter_need_in_memory = 1;
  if (is_recorded_page(r, *location_conf(r))) {
    exchange.facts = std::make_unique<FactTap>(exchange.evaluation.shared_rules(), options.content_type,
                                               exchange.evaluation->request().path, nullptr);
    stream->tell(*exchange.facts);
  }
  exchange.stream = std::move(stream);
  return true;
}

/// For a response that is this visitor's only.
void know_visitor(ngx_http_request_t* r, Exchange& exchange, RequestEvaluation& evaluation) {
  if (r->method == NGX_HTTP_HEAD || !evaluation) return;
  exchange.issued_id = answer_with_cookie(r, *location_conf(r), evaluation.visitor_source(), evaluation->identify());
}

/// A page that rules leave alone, and events do not: no cache answers for us, so that each view is seen.
void see_each_view(ngx_http_request_t* r, Exchange& exchange) {
  const LocationConf& conf = *location_conf(r);
  if (!is_recorded_page(r, conf)) return;
  keep_from_shared_caches(r, no_cache);
  RequestEvaluation evaluation(r, exchange);
  const std::string_view path = view(visible_path(r));
  evaluation.prepare(conf, path);
  know_visitor(r, exchange, evaluation);
  const BodyCodings codings = body_codings(r);
  if (!codings.readable() || r->header_only || !engine::opens_page(evaluation->request())) return;
  exchange.facts = std::make_unique<FactTap>(evaluation.shared_rules(), content_type(r), path, make_decoder(codings));
  r->main_filter_need_in_memory = 1;
}

ngx_int_t rewrite_header_filter(ngx_http_request_t* r) {
  Exchange* exchange = r == r->main ? exchange_of(r) : nullptr;
  if (exchange != nullptr && exchange->stream != nullptr) exchange->stream.reset();  // its header was never sent
  if (exchange != nullptr) exchange->facts.reset();
  bool is_private = false;
  if (exchange != nullptr && exchange->decided) {
    guarded(
        r->connection->log, [&] { is_private = prepare(r, *exchange); }, [&] { exchange->fail(); });
  }
  if (exchange != nullptr)
    guarded(r->connection->log,
            [&] { is_private ? know_visitor(r, *exchange, exchange->evaluation) : see_each_view(r, *exchange); });
  if (exchange != nullptr && exchange->others_differ) keep_from_shared_caches(r);
  if (exchange != nullptr) ask_for_client_hints(r, *exchange);
  const bool has_body = r->method != NGX_HTTP_HEAD && !r->header_only;
  const bool waits = exchange != nullptr && exchange->stream != nullptr && has_body &&
                     exchange->stream->keeps_header(header_filter_after_rewrite);
  return waits ? NGX_OK : header_filter_after_rewrite(r);
}

ngx_int_t rewrite_body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
  Exchange* exchange = r == r->main ? exchange_of(r) : nullptr;
  if (exchange == nullptr || r->header_only) return body_filter_after_rewrite(r, in);
  if (exchange->stream == nullptr) {
    if (exchange->facts != nullptr) exchange->facts->read(in);
    return body_filter_after_rewrite(r, in);
  }
  exchange->cork.put(r);
  Stopwatch stopwatch(exchange->rewrite_nanoseconds);
  return guarded(
      r->connection->log,
      [&] {
        const ngx_int_t rc = exchange->stream->filter(in);
        const bool needed = rc == NGX_ERROR || !exchange->stream->drained() || exchange->records();
        if (!needed && waits_for_client(r)) exchange->release();
        return rc;
      },
      []() -> ngx_int_t { return NGX_ERROR; });
}

}  // namespace

ngx_int_t send_spliced(Exchange& exchange, ngx_http_output_body_filter_pt first_filter) {
  assert(exchange.splice.page && exchange.evaluation);  // the page is in its memory
  const PageChain page = exchange.splice.page->chain();
  if (page.first == nullptr) return NGX_ERROR;
  if (page.in_file && exchange.splice.page->size() <= max_corked_bytes) exchange.cork.put(exchange.request);
  const ngx_http_output_body_filter_pt next = exchange.splice.page->unread() ? first_filter : body_filter_after_rewrite;
  const ngx_int_t result = next(exchange.request, page.first);
  exchange.cork.pull();
  return result;
}

ngx_int_t install_rewrite_filter(ngx_conf_t*) {
  header_filter_after_rewrite = std::exchange(ngx_http_top_header_filter, rewrite_header_filter);
  body_filter_after_rewrite = std::exchange(ngx_http_top_body_filter, rewrite_body_filter);
  return NGX_OK;
}

}  // namespace personalize::module
