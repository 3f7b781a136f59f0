// The evaluation of a request that NGINX serves: what is fetched for it while the request goes on, and for how long it
// waits. It knows nothing of pages: a beacon or an API has one, too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "engine/evaluation.h"
#include "module/conf/conf.h"
#include "module/evaluation/location_fetches.h"
#include "module/identity/visitor.h"
#include "module/redis/query.h"

namespace personalize::module {

/// Whose evaluation it is.
class EvaluationOwner {
 public:
  /// All replies are there, or the deadline has passed: once after each `wait`, from an event of its own.
  virtual void on_ready() = 0;
  /// Of the response's Content-Security-Policy; empty: none, or there is no response yet.
  virtual std::string_view csp_nonce() { return {}; }

 protected:
  ~EvaluationOwner() = default;
};

/// `prepare`, `fetch`, `wait` while `left_to_wait`, then `attributes` or `decide`. Both rounds of fetches share one
/// deadline. May throw std::bad_alloc.
class RequestEvaluation final : public redis::ReplyListener, public LocationListener, public engine::HostValues {
 public:
  /// How far it will go: without a decision nothing is fetched for content.
  enum class Goal : std::uint8_t { attributes, decision };

  /// Both outlive it.
  RequestEvaluation(ngx_http_request_t* r, EvaluationOwner& owner) : request_(r), owner_(owner) {
    ngx_memzero(&wake_, sizeof(wake_));
    wake_.data = this;
    wake_.log = r->connection->log;
    wake_.handler = on_wake;
  }
  ~RequestEvaluation() override { cancel(); }
  RequestEvaluation(const RequestEvaluation&) = delete;

  /// Makes the evaluation, in place of the one before; `identify` may be called then. `path`: as the visitor sees it.
  /// The deadline begins the first time.
  void prepare(const LocationConf& conf, std::string_view path);
  /// False if it is another visitor, or another profile of his, in that location, after an internal redirect.
  bool prepared_for(const LocationConf& conf);
  /// At once after `prepare`: sends what plugins need. Replies may be there when it returns.
  void fetch(Goal goal);

  /// For how many milliseconds replies are to be waited for: 0 if all are there or the deadline has passed.
  ngx_msec_t left_to_wait();
  /// The owner is told when there is nothing more to wait for: `left` has been found out just now. If it is 0, as soon
  /// as NGINX has nothing else to do.
  void wait(ngx_msec_t left);
  void stop_waiting() {
    waits_ = false;
    if (wake_.timer_set) ngx_del_timer(&wake_);
    if (wake_.posted) {
      ngx_delete_posted_event(&wake_);
    }
  }

  /// What is known by now; later replies are ignored.
  const rules::Context& attributes();
  /// Decides with what is known, and counts. When it was done, in nanoseconds.
  std::uint64_t decide();
  /// After `decide`: what plugins add to the response.
  std::span<const plugins::Header> response_fields();
  /// After `decide`, when the response has been sent: plugins record it in Redis.
  void record(const engine::Sent& sent);

  /// Nothing may be told any more: the request is about to end, or begins anew.
  void cancel() {
    stop_waiting();
    pending_replies_.forget(false);
    locations_.reset();
  }
  /// Frees evaluation and rules.
  void reset();

  explicit operator bool() const { return evaluation_.has_value(); }
  engine::Evaluation* operator->() { return &*evaluation_; }
  const engine::Evaluation* operator->() const { return &*evaluation_; }
  engine::Evaluation& operator*() { return *evaluation_; }

  /// Of an evaluation that there is.
  PreparedRules& rules() const { return *revision_->rules; }
  const std::shared_ptr<PreparedRules>& shared_rules() const { return revision_->rules; }
  /// Where its visitor's id is from.
  VisitorSource visitor_source() const { return visitor_source_; }
  /// It went on without a reply that had been asked for.
  bool deadline_missed() const { return deadline_missed_; }
  /// What it took, of all evaluations of this request.
  std::uint64_t nanoseconds() const { return nanoseconds_; }

  void on_reply(std::size_t index, const plugins::Reply& reply) override;
  void on_cached_reply(std::size_t index, const plugins::Reply& reply) override;
  void on_location_reply(std::size_t index, const plugins::Reply& reply) override;
  std::string_view variable(std::size_t number) override;
  std::string_view csp_nonce() override { return owner_.csp_nonce(); }

 private:
  void ask(std::span<const plugins::Fetch> fetches);
  void ask_for_content();
  bool content_due() const { return two_rounds_ && evaluation_->content_due(); }
  void go_on_if_complete();
  void stop_asking();
  void count_failures();
  static void on_wake(ngx_event_t* event);

  ngx_http_request_t* request_;
  EvaluationOwner& owner_;
  const LocationConf* conf_ = nullptr;  // that it was prepared for
  const ProfileSource* source_ = nullptr;
  std::shared_ptr<RulesRevision> revision_;
  std::optional<engine::Evaluation> evaluation_;
  ngx_uint_t redirects_left_ = 0;  // the request's `uri_changes` when the source was last known to be right
  redis::PendingReplies pending_replies_;
  std::unique_ptr<LocationFetches> locations_;  // null: none was asked
  std::size_t asked_before_ = 0;                // fetches of the first round, while the second is under way
  ngx_event_t wake_;  // timer: the deadline; posted: all replies of this round are there, or `wait(0)`
  std::uint64_t nanoseconds_ = 0;
  std::uint64_t prepared_at_ = 0;
  std::uint64_t deciding_ = 0;  // nanoseconds, before `decide`
  ngx_msec_t deadline_ = 0;     // in ngx_current_msec
  std::uint32_t counted_failures_ = 0;
  bool two_rounds_ = false;  // there may be fetches for content
  VisitorSource visitor_source_ = VisitorSource::none;
  bool waits_ = false;
  bool deadline_missed_ = false;
};

}  // namespace personalize::module
