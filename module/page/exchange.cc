#include "module/page/exchange.h"

#include <cassert>
#include <chrono>

#include "module/coding/weighted_list.h"
#include "module/http/csp_nonce.h"
#include "module/http/fields.h"
#include "module/http/request_values.h"
#include "module/log/log.h"
#include "module/page/unreadable.h"
#include "module/redis/store.h"

namespace personalize::module {
namespace {

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

static_assert(static_cast<std::size_t>(Skipped::last) < Counters::max_reasons);
static_assert(static_cast<std::size_t>(engine::FetchStatus::last) < Counters::max_statuses);

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

Stopwatch::Stopwatch(std::uint64_t& total) : total_(total), start_(now_ns()) {}
Stopwatch::~Stopwatch() { total_ += now_ns() - start_; }

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

Exchange::Exchange(ngx_http_request_t* r) : request(r) {
  ngx_memzero(&first_round_, sizeof(first_round_));
  first_round_.data = this;
  first_round_.log = r->connection->log;
  first_round_.handler = on_first_round;
}

Exchange::~Exchange() {
  cancel();
  count_rewriting();
}

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
  hold.cancel_wake();
  if (first_round_.posted) {
    ngx_delete_posted_event(&first_round_);
  }
  pending_replies_.forget(false);
  cork.pull();
}

bool Exchange::begun_with(const LocationConf& conf) {
  if (!evaluation || source_ != conf.source) return false;
  if (redirects_left_ == request->uri_changes) return true;
  // The same directives may name another visitor where the request is now: `set`, `real_ip_header`.
  if (evaluation->took_variables()) return false;
  const plugins::Request& begun = evaluation->request();
  if (visitor_id(request, conf) != begun.visitor || view(request->connection->addr_text) != begun.address) return false;
  redirects_left_ = request->uri_changes;
  return true;
}

void Exchange::begin(const LocationConf& conf, std::string_view path) {
  assert(conf.engine != nullptr && conf.source != nullptr && conf.source->engine == conf.engine);
  if (begun_with(conf)) return;
  Stopwatch stopwatch(nanoseconds);
  cancel();
  decided = deadline_missed_ = false;
  if (source_ == nullptr) deadline_ = ngx_current_msec + conf.deadline;
  conf_ = &conf;
  source_ = conf.source;
  redirects_left_ = request->uri_changes;
  revision = conf.engine->revision;
  remains.reset();
  asked_before_ = 0;
  splice.page.reset();
  evaluation.emplace(revision->engine, request_values(request, conf, path), source_->prefix);
  evaluation->set_host(*this);
  ask(evaluation->start());
  ask_for_content();
}

void Exchange::release() {
  if (!evaluation) return;
  cancel();
  count_rewriting();
  remains = remains_of(*this);
  stream.reset();
  splice.page.reset();
  evaluation.reset();
  revision.reset();
}

void Exchange::ask(std::span<const plugins::Fetch> fetches) {
  if (fetches.empty()) return;
  if (redis::Store* store = redis::store(source_->redis)) {
    const CacheConf* cache = source_->cache.zone ? &source_->cache : nullptr;
    pending_replies_ = store->ask(fetches, cache, *this, evaluation->arena());
  } else {
    for (std::size_t i = 0; i < fetches.size(); ++i)
      evaluation->fail(asked_before_ + i, engine::FetchStatus::unavailable);
  }
}

/// The second round, once the first one is complete.
void Exchange::ask_for_content() {
  if (decided || evaluation->pending() != 0 || !evaluation->content_due()) return;
  std::span<const plugins::Fetch> fetches;
  {
    Stopwatch stopwatch(deciding_);
    fetches = evaluation->fetch_content();
  }
  assert(fetches.size() <= evaluation->fetches());
  asked_before_ = evaluation->fetches() - fetches.size();
  ask(fetches);
}

/// Must not run while Redis' replies are being handed out: new queries would change the list that is being iterated.
void Exchange::on_first_round(ngx_event_t* event) {
  auto& exchange = *static_cast<Exchange*>(event->data);
  Stopwatch stopwatch(exchange.nanoseconds);
  guarded(event->log, [&] { exchange.ask_for_content(); });
  if (exchange.hold.waits && !exchange.decided && exchange.evaluation->pending() == 0) {
    ngx_post_event(&exchange.hold.wake, &ngx_posted_events);
  }
}

void Exchange::on_reply(std::size_t index, const plugins::Reply& reply) {
  if (decided) return;
  assert(evaluation && asked_before_ + index < evaluation->fetches());
  evaluation->receive(asked_before_ + index, reply);
  go_on_if_complete();
}

void Exchange::on_cached_reply(std::size_t index, const plugins::Reply& reply) {
  if (decided) return;
  assert(evaluation && asked_before_ + index < evaluation->fetches());
  evaluation->receive_own(asked_before_ + index, reply);
  go_on_if_complete();
}

std::string_view Exchange::variable(std::size_t number) {
  assert(conf_->attributes != nullptr && number < conf_->attributes->size());
  return value_of(request, (*conf_->attributes)[number].value);
}

std::string_view Exchange::csp_nonce() {
  std::vector<std::string_view> policies;
  for (const ngx_table_elt_t& field : response_fields(request))
    if (same(view(field.key), "Content-Security-Policy")) policies.push_back(view(field.value));
  return module::csp_nonce(policies);
}

void Exchange::go_on_if_complete() {
  if (evaluation->pending() != 0) return;
  if (evaluation->content_due()) {
    ngx_post_event(&first_round_, &ngx_posted_events);
  } else if (hold.waits) {
    ngx_post_event(&hold.wake, &ngx_posted_events);
  }
}

ngx_msec_t Exchange::left_to_wait() {
  if (evaluation) ask_for_content();
  if (!evaluation || decided || evaluation->pending() == 0) return 0;
  auto left = static_cast<ngx_msec_int_t>(deadline_ - ngx_current_msec);
  return left > 0 ? static_cast<ngx_msec_t>(left) : 0;
}

void Exchange::decide() {
  const std::uint64_t start = decided_at = now_ns();
  if (decided) return;  // a second response of this request
  assert(evaluation && revision && revision->engine.get() == &evaluation->engine());
  if (evaluation->pending() != 0) {
    deadline_missed_ = true;
    ++counters().deadline_missed;
  }
  pending_replies_.forget(evaluation->pending() != 0);
  evaluation->decide();
  decided_at = now_ns();
  decided = true;
  const std::uint64_t spent = decided_at - start;
  nanoseconds += spent;
  const std::vector<std::uint16_t>& numbers = revision->rules->counters;
  for (const rules::Decision& decision : evaluation->decisions())
    if (decision.rule < numbers.size()) ++counters().decisions[numbers[decision.rule]];
  counters().decide.add(std::exchange(deciding_, 0) + spent);
  ++counters().profile[static_cast<std::size_t>(evaluation->profile_status())];
  count_failures(0);
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

void Exchange::count_failures(std::uint32_t before) {
  const std::uint32_t failures = evaluation->plugin_failures() - before;
  if (failures == 0) return;
  counters().plugin_failures += failures;
  log_limited(Topic::plugin, NGX_LOG_ERR, request->connection->log, "plugin failed: %*s",
              evaluation->plugin_failure().size(), evaluation->plugin_failure().data());
}

/// The whole page has been sent: the visitor's kernel may have all of it, at least.
bool Exchange::arrived() const {
  const ngx_connection_t& connection = *request->connection;
  const bool gone = connection.error || connection.timedout;
  if (gone || connection.buffered != 0 || request->buffered != 0 || request->out != nullptr) return false;
  if (path == Path::not_modified) return true;
  return end_came && (stream == nullptr || stream->complete());
}

void Exchange::record() {
  const bool page = skipped == Skipped::no || skipped == Skipped::no_rule_won;
  if (!decided || !page || !records()) return;
  const std::uint32_t before = evaluation->plugin_failures();
  const auto commands = evaluation->record({.status = static_cast<std::uint32_t>(request->headers_out.status),
                                            .bytes = static_cast<std::uint64_t>(request->connection->sent),
                                            .complete = arrived(),
                                            .results = results()});
  count_failures(before);
  redis::Store* store = commands.empty() ? nullptr : redis::store(source_->redis);
  if (store != nullptr) store->send_without_reply(commands);
}

}  // namespace personalize::module
