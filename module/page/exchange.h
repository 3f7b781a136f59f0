// One page on its way out, an HTTP exchange (RFC 9110): what is known about it from the request's arrival to its log
// line.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "module/coding/body_codings.h"
#include "module/conf/conf.h"
#include "module/evaluation/request_evaluation.h"
#include "module/http/preconditions.h"
#include "module/http/upstream_request.h"
#include "module/page/cork.h"
#include "module/page/fact_tap.h"
#include "module/page/held_response.h"
#include "module/page/page_stream.h"
#include "module/page/remains.h"
#include "module/splicing/spliced_response.h"

namespace personalize::module {

/// Why a response is not personalized, for `$personalize_skipped`.
enum class Skipped : std::uint8_t {
  no,
  off,       ///< `personalize` is off for this request
  no_rules,  ///< no `personalize_rules` here
  method,    ///< neither GET nor HEAD nor POST
  status,    ///< not 200
  type,      ///< not one of `personalize_types`
  empty,     ///< no body
  no_slot,   ///< no slot is on this page
  encoding,  ///< Content-Encoding that cannot be read
  dry_run,   ///< decided and reported only
  observe,   ///< seen only
  no_rule_won,
  failed,        ///< an exception: the page goes out unchanged
  no_transform,  ///< its Cache-Control forbids to change it
  last = no_transform,
};
std::string_view to_string(Skipped skipped);

/// How a page was written, for `$personalize_path`.
enum class Path : std::uint8_t {
  pass,          ///< unchanged
  stream,        ///< parsed and rewritten as it passed
  splice,        ///< spliced
  splice_gzip,   ///< … from parts compressed by gzip
  splice_br,     ///< … from parts compressed by Brotli
  not_modified,  ///< the visitor has it already
};
std::string_view to_string(Path path);

/// Belongs to the main request's pool; found through the pool's cleanups after NGINX has wiped the module contexts
/// (internal redirects, error_page, named locations).
class Exchange final : public EvaluationOwner {
 public:
  static Exchange* find(ngx_http_request_t* r);
  /// Finds or makes the request's exchange; null if there is no memory.
  static Exchange* obtain(ngx_http_request_t* r);

  explicit Exchange(ngx_http_request_t* r);
  ~Exchange();
  Exchange(const Exchange&) = delete;

  /// Starts all fetches, once; again if an internal redirect led to a location that uses other profiles, or that of
  /// another visitor. The first deadline stays. `path`: as the visitor sees it.
  void begin(const LocationConf& conf, std::string_view path);
  bool begun_with(const LocationConf& conf) { return evaluation.prepared_for(conf); }

  /// For how many milliseconds the response must still wait for replies: 0 if all are there or the deadline has passed.
  ngx_msec_t left_to_wait() { return decided ? 0 : evaluation.left_to_wait(); }
  /// Decides with what is known.
  void decide();
  /// Some plugin, or the log of events, wants to know what became of this page.
  bool records() const;
  /// To be called when the response has been sent: plugins record it in Redis.
  void record();
  /// Something threw: the page goes out as it came, while other visitors may get another one.
  void fail();
  /// Frees evaluation, rules and queries, for a response that may take hours and only needs what its variables say.
  void release();
  /// The header that other filters have left says that the body has an encoding that cannot be read.
  void leave_encoded();
  /// The request is about to end: nothing may wake it up any more.
  void cancel();

  void on_ready() override;
  std::string_view csp_nonce() override;

  ngx_http_request_t* request;
  Preconditions preconditions;
  Mode mode = Mode::off;
  Skipped skipped = Skipped::no;
  Path path = Path::pass;
  bool decided = false;
  bool seen = false;           ///< the response's header has passed
  bool end_came = false;       ///< … and the end of its body has come
  std::string_view issued_id;  ///< that the visitor is given with this response, or empty
  bool others_differ = false;  ///< left as it is, although other visitors may get another page here
  RequestEvaluation evaluation;
  std::optional<Remains> remains;         ///< of an evaluation that was freed
  std::uint64_t decided_at = 0;           ///< in nanoseconds: the end of `decide`, where the next measurement begins
  std::uint64_t nanoseconds = 0;          ///< spent on this page beside its evaluation …
  std::uint64_t rewrite_nanoseconds = 0;  ///< … and on its body, by the rewriter or by splicing

  UpstreamCodings upstream_codings;

  BodyCodings codings;  ///< how the body was encoded before the other filters
  HeldResponse hold;
  std::unique_ptr<FactTap> facts;      ///< of a page that is not spliced, if events are made of it
  std::unique_ptr<PageStream> stream;  ///< the response is rewritten as it passes
  SplicedResponse splice;
  Cork cork;  ///< for what is rewritten or spliced

  /// The whole page has been sent: the visitor's kernel may have all of it, at least.
  bool arrived() const;
  /// What became of the edits; empty until that is known.
  std::span<const html::EditResult> results() const;

 private:
  void count_rewriting() const;
};

}  // namespace personalize::module
