#include "module/evaluation/request_evaluation.h"

#include <cassert>
#include <utility>

#include "module/http/request_values.h"
#include "module/log/log.h"
#include "module/redis/store.h"
#include "module/status/stopwatch.h"

namespace personalize::module {

static_assert(static_cast<std::size_t>(engine::FetchStatus::last) < Counters::max_statuses);

void RequestEvaluation::reset() {
  cancel();
  evaluation_.reset();
  revision_.reset();
}

bool RequestEvaluation::prepared_for(const LocationConf& conf) {
  if (!evaluation_ || source_ != conf.source) return false;
  if (redirects_left_ == request_->uri_changes) return true;
  // The same directives may name another visitor where the request is now: `set`, `real_ip_header`.
  if (evaluation_->took_variables()) return false;
  const plugins::Request& begun = evaluation_->request();
  if (find_visitor(request_, conf, begun).id != begun.visitor || find_customer(request_, conf) != begun.customer ||
      view(request_->connection->addr_text) != begun.address)
    return false;
  redirects_left_ = request_->uri_changes;
  return true;
}

void RequestEvaluation::prepare(const LocationConf& conf, std::string_view path) {
  assert(conf.engine != nullptr && conf.source != nullptr && conf.source->engine == conf.engine);
  prepared_at_ = now_ns();
  cancel();
  deadline_missed_ = false;
  if (source_ == nullptr) deadline_ = ngx_current_msec + conf.deadline;
  conf_ = &conf;
  source_ = conf.source;
  redirects_left_ = request_->uri_changes;
  revision_ = conf.engine->revision;
  asked_before_ = 0;
  counted_failures_ = 0;
  plugins::Request request = request_values(request_, path);
  const FoundVisitor visitor = find_visitor(request_, conf, request);
  request.visitor = visitor.id;
  visitor_source_ = visitor.source;
  request.customer = find_customer(request_, conf);
  evaluation_.emplace(revision_->engine, request, source_->prefix);
  evaluation_->set_host(*this);
}

void RequestEvaluation::fetch(Goal goal) {
  Stopwatch stopwatch(nanoseconds_, prepared_at_);
  two_rounds_ = goal == Goal::decision && evaluation_->content_due();
  ask(evaluation_->resolve());
  if (two_rounds_) ask_for_content();
}

void RequestEvaluation::ask(std::span<const plugins::Fetch> fetches) {
  if (fetches.empty()) return;
  if (redis::Store* store = redis::store(source_->redis)) {
    const CacheConf* cache = source_->cache.zone ? &source_->cache : nullptr;
    pending_replies_ = store->ask(fetches, cache, *this, evaluation_->arena());
  } else {
    for (std::size_t i = 0; i < fetches.size(); ++i)
      if (!fetches[i].asks_location()) evaluation_->fail(asked_before_ + i, engine::FetchStatus::unavailable);
  }
  for (std::size_t i = 0; i < fetches.size(); ++i) {
    if (!fetches[i].asks_location()) continue;
    if (!locations_) locations_ = std::make_unique<LocationFetches>(request_, *this);
    locations_->ask(asked_before_ + i, fetches[i]);
  }
}

/// The second round, once the first one is complete.
void RequestEvaluation::ask_for_content() {
  if (evaluation_->pending() != 0 || !evaluation_->content_due()) return;
  std::span<const plugins::Fetch> fetches;
  {
    Stopwatch stopwatch(deciding_);
    fetches = evaluation_->fetch_content();
  }
  assert(fetches.size() <= evaluation_->fetches());
  asked_before_ = evaluation_->fetches() - fetches.size();
  ask(fetches);
}

void RequestEvaluation::on_reply(std::size_t index, const plugins::Reply& reply) {
  assert(evaluation_ && asked_before_ + index < evaluation_->fetches());
  evaluation_->receive(asked_before_ + index, reply);
  go_on_if_complete();
}

void RequestEvaluation::on_cached_reply(std::size_t index, const plugins::Reply& reply) {
  assert(evaluation_ && asked_before_ + index < evaluation_->fetches());
  evaluation_->receive_own(asked_before_ + index, reply);
  go_on_if_complete();
}

void RequestEvaluation::on_location_reply(std::size_t index, const plugins::Reply& reply) {
  assert(evaluation_ && index < evaluation_->fetches());
  evaluation_->receive(index, reply);
  go_on_if_complete();
}

void RequestEvaluation::go_on_if_complete() {
  if (evaluation_->pending() != 0 || !(waits_ || content_due())) return;
  ngx_post_event(&wake_, &ngx_posted_events);
}

std::string_view RequestEvaluation::variable(std::size_t number) {
  assert(conf_->attributes != nullptr && number < conf_->attributes->size());
  return value_of(request_, (*conf_->attributes)[number].value);
}

ngx_msec_t RequestEvaluation::left_to_wait() {
  if (!evaluation_) return 0;
  if (two_rounds_) ask_for_content();
  if (evaluation_->pending() == 0) return 0;
  const auto left = static_cast<ngx_msec_int_t>(deadline_ - ngx_current_msec);
  return left > 0 ? static_cast<ngx_msec_t>(left) : 0;
}

void RequestEvaluation::wait(ngx_msec_t left) {
  waits_ = true;
  if (left != 0) {
    ngx_add_timer(&wake_, left);
  } else {
    ngx_post_event(&wake_, &ngx_posted_events);
  }
}

/// The second round cannot be asked for while Redis' replies are being handed out: new queries would change the list
/// that is being iterated.
void RequestEvaluation::on_wake(ngx_event_t* event) {
  auto& self = *static_cast<RequestEvaluation*>(event->data);
  const bool over = self.waits_ && event->timer_set == 0;
  event->timedout = 0;
  if (!over && self.content_due()) {
    Stopwatch stopwatch(self.nanoseconds_);
    guarded(event->log, [&] { self.ask_for_content(); });
  }
  if (!self.waits_ || (!over && self.evaluation_->pending() != 0)) return;
  self.stop_waiting();
  self.owner_.on_ready();
}

/// Nobody waits for replies any more.
void RequestEvaluation::stop_asking() {
  const bool missed = evaluation_->pending() != 0;
  if (missed) {
    deadline_missed_ = true;
    ++counters().deadline_missed;
  }
  pending_replies_.forget(missed);
  locations_.reset();
}

const rules::Context& RequestEvaluation::attributes() {
  Stopwatch stopwatch(nanoseconds_);
  stop_asking();
  const rules::Context& context = evaluation_->attributes();
  count_failures();
  return context;
}

std::uint64_t RequestEvaluation::decide() {
  const std::uint64_t start = now_ns();
  assert(evaluation_ && revision_ && revision_->engine.get() == &evaluation_->engine());
  stop_asking();
  evaluation_->decide();
  const std::uint64_t end = now_ns();
  nanoseconds_ += end - start;
  const std::vector<std::uint16_t>& numbers = revision_->rules->counters;
  for (const rules::Decision& decision : evaluation_->decisions())
    if (decision.rule < numbers.size()) ++counters().decisions[numbers[decision.rule]];
  counters().decide.add(std::exchange(deciding_, 0) + end - start);
  ++counters().profile[static_cast<std::size_t>(evaluation_->profile_status())];
  count_failures();
  return end;
}

std::span<const plugins::Header> RequestEvaluation::response_fields() {
  const auto fields = evaluation_->response_fields();
  count_failures();
  return fields;
}

void RequestEvaluation::record(const engine::Sent& sent) {
  const auto commands = evaluation_->record(sent);
  count_failures();
  redis::Store* store = commands.empty() ? nullptr : redis::store(source_->redis);
  if (store != nullptr) store->send_without_reply(commands);
}

/// Those that have not been counted.
void RequestEvaluation::count_failures() {
  const std::uint32_t failures = evaluation_->plugin_failures() - counted_failures_;
  if (failures == 0) return;
  counted_failures_ += failures;
  counters().plugin_failures += failures;
  log_limited(Topic::plugin, NGX_LOG_ERR, request_->connection->log, "plugin failed: %*s",
              evaluation_->plugin_failure().size(), evaluation_->plugin_failure().data());
}

}  // namespace personalize::module
