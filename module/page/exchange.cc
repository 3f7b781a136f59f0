#include "module/page/exchange.h"

#include <cassert>

#include "module/coding/weighted_list.h"
#include "module/events/event_log.h"
#include "module/http/csp_nonce.h"
#include "module/http/fields.h"
#include "module/page/filters.h"
#include "module/page/unreadable.h"
#include "module/status/counters.h"
#include "module/status/stopwatch.h"

namespace personalize::module {
namespace {

static_assert(static_cast<std::size_t>(Skipped::last) < Counters::max_reasons);

void destroy(void* exchange) { static_cast<Exchange*>(exchange)->~Exchange(); }

}  // namespace

std::string_view to_string(Skipped skipped) {
  switch (skipped) {
    case Skipped::no: return "";
    case Skipped::off: return "off";
    case Skipped::no_rules: return "no_rules";
    case Skipped::method: return "method";
    case Skipped::status: return "status";
    case Skipped::type: return "type";
    case Skipped::empty: return "empty";
    case Skipped::no_slot: return "no_slot";
    case Skipped::encoding: return "encoding";
    case Skipped::dry_run: return "dry_run";
    case Skipped::observe: return "observe";
    case Skipped::no_rule_won: return "no_rule_won";
    case Skipped::failed: return "failed";
    case Skipped::no_transform: return "no_transform";
  }
  return "";
}

std::string_view to_string(Path path) {
  switch (path) {
    case Path::pass: return "pass";
    case Path::stream: return "stream";
    case Path::splice: return "splice";
    case Path::splice_gzip: return "splice_gzip";
    case Path::splice_br: return "splice_br";
    case Path::not_modified: return "not_modified";
  }
  return "";
}

Exchange* Exchange::find(ngx_http_request_t* r) {
  r = r->main;
  if (void* exchange = ngx_http_get_module_ctx(r, ngx_http_personalize_module)) return static_cast<Exchange*>(exchange);
  for (ngx_pool_cleanup_t* cleanup = r->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
    if (cleanup->handler != destroy) continue;
    ngx_http_set_ctx(r, cleanup->data, ngx_http_personalize_module);
    return static_cast<Exchange*>(cleanup->data);
  }
  return nullptr;
}

Exchange* Exchange::obtain(ngx_http_request_t* r) {
  if (Exchange* exchange = find(r)) return exchange;
  ngx_http_cleanup_t* cancellation = ngx_http_cleanup_add(r, 0);
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(Exchange));
  if (cancellation == nullptr || cleanup == nullptr) return nullptr;
  auto* exchange = new (cleanup->data) Exchange(r);
  cleanup->handler = destroy;
  // Runs when the request is terminated, which may be long before its pool is destroyed.
  cancellation->data = exchange;
  cancellation->handler = [](void* data) { static_cast<Exchange*>(data)->cancel(); };
  ngx_http_set_ctx(r, exchange, ngx_http_personalize_module);
  return exchange;
}

Exchange::Exchange(ngx_http_request_t* r) : request(r), evaluation(r, *this) {}

Exchange::~Exchange() { count_rewriting(); }

void Exchange::count_rewriting() const {
  if (splice.page || (stream != nullptr && stream->ended())) counters().rewrite.add(rewrite_nanoseconds);
  for (const html::EditResult& result : results())
    counters().payment_guarded += result.reason == html::Skip::payment ? 1 : 0;
}

std::span<const html::EditResult> Exchange::results() const {
  if (splice.page) return splice.page->results();
  if ((stream != nullptr && stream->ended())) return stream->results();
  return {};
}

void Exchange::cancel() {
  evaluation.cancel();
  cork.pull();
}

void Exchange::begin(const LocationConf& conf, std::string_view path) {
  if (begun_with(conf)) return;
  cork.pull();
  decided = false;
  remains.reset();
  splice.page.reset();
  evaluation.prepare(conf, path);
  evaluation.fetch(RequestEvaluation::Goal::decision);
}

void Exchange::release() {
  if (!evaluation) return;
  cancel();
  count_rewriting();
  remains = remains_of(*this);
  stream.reset();
  splice.page.reset();
  evaluation.reset();
}

std::string_view Exchange::csp_nonce() {
  std::vector<std::string_view> policies;
  for (const ngx_table_elt_t& field : response_fields(request))
    if (same(view(field.key), "Content-Security-Policy")) policies.push_back(view(field.value));
  return module::csp_nonce(policies);
}

void Exchange::on_ready() { end_hold(*this); }

void Exchange::decide() {
  decided_at = decided ? now_ns() : evaluation.decide();  // it is if this is a second response of this request
  decided = true;
}

void Exchange::fail() {
  skipped = Skipped::failed;
  others_differ = *location_conf(request)->on_for_some;
}

void Exchange::leave_encoded() {
  skipped = Skipped::encoding;
  path = Path::pass;
  others_differ = *location_conf(request)->on_for_some;
  ++counters().skipped[static_cast<std::size_t>(skipped)];
  tell_unreadable(request);
}

bool Exchange::arrived() const {
  const ngx_connection_t& connection = *request->connection;
  const bool gone = connection.error || connection.timedout;
  if (gone || connection.buffered != 0 || request->buffered != 0 || request->out != nullptr) return false;
  if (path == Path::not_modified || request->headers_out.status == NGX_HTTP_NOT_MODIFIED) return true;
  return end_came && (stream == nullptr || stream->complete());
}

bool Exchange::records() const {
  if (mode != Mode::on || !evaluation) return false;
  return evaluation->engine().records() || event_log(*location_conf(request)) != nullptr;
}

void Exchange::record() {
  const bool page = skipped == Skipped::no || skipped == Skipped::no_rule_won;
  if (!decided || !page || !records()) return;
  evaluation.record({.status = static_cast<std::uint32_t>(request->headers_out.status),
                     .bytes = static_cast<std::uint64_t>(request->connection->sent),
                     .complete = arrived(),
                     .results = results()});
}

}  // namespace personalize::module
