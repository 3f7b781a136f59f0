// The filter before all others: inspects the response, waits for replies, decides. As it is the first, all other
// filters, including NGINX's own `add_header`, see the decision, and nothing of a waiting response has been sent.
//
// While a response waits, its header and the chain links of its body stay here. `delayed` on the connection's write
// event tells NGINX's writers to pause, as `limit_rate` does: an upstream that is faster than the client is read into
// its usual buffers and no further.
#include <cassert>
#include <new>

#include "module/http/request_values.h"
#include "module/http/response.h"
#include "module/log/log.h"
#include "module/page/filters.h"
#include "module/page/page_types.h"
#include "module/page/unreadable.h"
#include "module/splicing/splice_filter.h"

namespace personalize::module {
namespace {

ngx_http_output_header_filter_pt header_filter_after_hold;
ngx_http_output_body_filter_pt body_filter_after_hold;

/// Marks the buffers as sent.
void consume(ngx_chain_t* chain) {
  for (; chain != nullptr; chain = chain->next) {
    chain->buf->pos = chain->buf->last;
    chain->buf->file_pos = chain->buf->file_last;
  }
}

bool has_end(const ngx_chain_t* chain) {
  while (chain != nullptr && !chain->buf->last_buf) chain = chain->next;
  return chain != nullptr;
}

/// A page that goes out as it came does not need its evaluation while it is sent.
bool is_only_passed(const Exchange& exchange) {
  return exchange.evaluation && exchange.skipped != Skipped::no && !exchange.records();
}

/// Calls the next body filter, for a body whose header has been sent.
ngx_int_t pass_body(Exchange& exchange, ngx_chain_t* in) {
  assert(!exchange.hold.waits && (!exchange.splice.page || exchange.evaluation));
  ngx_http_request_t* r = exchange.request;
  exchange.end_came = exchange.end_came || has_end(in);
  if (is_only_passed(exchange) && !exchange.end_came) guarded(r->connection->log, [&] { exchange.release(); });
  if (!exchange.splice.page || exchange.splice.sent) return body_filter_after_hold(r, in);
  consume(in);
  exchange.splice.sent = true;
  return guarded(
      r->connection->log, [&] { return send_spliced(exchange, body_filter_after_hold); },
      []() -> ngx_int_t { return NGX_ERROR; });
}

enum class Parts : bool { are_no_pages, are_pages };

/// Why nothing is done to this response, for any visitor.
Skipped reason_of_response(ngx_http_request_t* r, const LocationConf& conf, Parts parts = Parts::are_no_pages) {
  if (conf.engine == nullptr) return Skipped::no_rules;
  if (!personalizable_method(r)) return Skipped::method;
  const ngx_uint_t status = r->headers_out.status;
  if (!is_status_of_pages(status, conf) && !(status == NGX_HTTP_PARTIAL_CONTENT && parts == Parts::are_pages))
    return Skipped::status;
  if (!is_type_of_pages(media_type(view(r->headers_out.content_type)), conf)) return Skipped::type;
  if (r->headers_out.content_length_n == 0) return Skipped::empty;
  const bool obey = conf.no_transform == static_cast<ngx_uint_t>(NoTransform::obey);
  return obey && must_not_be_changed(r) ? Skipped::no_transform : Skipped::no;
}

Skipped reason_to_skip(ngx_http_request_t* r, const LocationConf& conf, const Exchange& exchange) {
  if (exchange.mode == Mode::off) return Skipped::off;
  if (exchange.mode == Mode::observe) return Skipped::observe;
  const Skipped reason = reason_of_response(r, conf);
  return reason == Skipped::no && !exchange.codings.readable() ? Skipped::encoding : reason;
}

/// True if this visitor gets the page as the backend made it, but others might not.
bool others_may_get_another(ngx_http_request_t* r, const LocationConf& conf, const Exchange& exchange) {
  if (!*conf.on_for_some) return false;
  if (exchange.skipped == Skipped::no) return exchange.mode == Mode::dry_run;
  if (exchange.mode == Mode::on && exchange.skipped != Skipped::encoding) return false;
  return reason_of_response(r, conf, Parts::are_pages) == Skipped::no &&
         conf.engine->rule_set().applies_to(view(visible_path(r)));
}

void count(Skipped skipped) {
  if (skipped == Skipped::no)
    ++counters().personalized;
  else
    ++counters().skipped[static_cast<std::size_t>(skipped)];
}

/// Once: a second response of this request has others, but it is decided already.
void add_response_fields(Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  const auto fields = exchange.evaluation.response_fields();
  for (const plugins::Header& field : fields) {
    const ngx_str_t name = copy(r->pool, field.name);
    auto* lower = static_cast<u_char*>(ngx_pnalloc(r->pool, name.len + 1));
    if (name.data == nullptr || lower == nullptr) throw std::bad_alloc();
    ngx_strlow(lower, name.data, name.len);
    lower[name.len] = '\0';
    add_header(r, view(name), reinterpret_cast<const char*>(lower), field.value);
  }
  if (!fields.empty()) keep_from_shared_caches(r);
}

void decide(Exchange& exchange) {
  exchange.decide();
  if (exchange.mode == Mode::dry_run)
    exchange.skipped = Skipped::dry_run;
  else if (exchange.evaluation->edits().empty())
    exchange.skipped = Skipped::no_rule_won;
  if (exchange.skipped == Skipped::no) exchange.path = Path::stream;
  count(exchange.skipped);
  if (exchange.mode == Mode::on && exchange.evaluation->adds_response_fields()) add_response_fields(exchange);
}

/// If this fails, the page goes out unchanged.
void decide_and_splice(Exchange& exchange, const ngx_chain_t* body) {
  ngx_log_t* log = exchange.request->connection->log;
  guarded(
      log, [&] { decide(exchange); }, [&] { exchange.fail(); });
  guarded(
      log, [&] { try_to_splice(exchange, body); }, [&] { exchange.splice.page.reset(); });
}

/// Lets NGINX's writers go on; returns the held body.
ngx_chain_t* stop_waiting(Exchange& exchange) {
  assert(exchange.hold.waits);
  ngx_http_request_t* r = exchange.request;
  exchange.hold.waits = exchange.hold.awaits_body = false;
  exchange.evaluation.stop_waiting();
  r->connection->write->delayed = 0;
  r->buffered &= ~buffered_bit;
  r->header_only = 0;  // was set to stop a HEAD's handler; later filters must see what they see for a GET
  return std::exchange(exchange.hold.body, nullptr);
}

/// The held header, then the held body.
ngx_int_t let_go(Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  ngx_chain_t* body = stop_waiting(exchange);
  decide_and_splice(exchange, body);
  ngx_int_t rc = header_filter_after_hold(r);
  if (rc == NGX_ERROR || rc > NGX_OK) return NGX_ERROR;
  if (r->header_only) {
    exchange.hold.discards_body = true;
    consume(body);
    return rc;
  }
  return body != nullptr ? pass_body(exchange, body) : rc;
}

/// Holds it for `left` milliseconds or, if 0, until the body comes or NGINX has nothing else to do.
ngx_int_t hold(Exchange& exchange, ngx_msec_t left) {
  assert(!exchange.hold.waits && exchange.hold.body == nullptr);
  ngx_http_request_t* r = exchange.request;
  exchange.hold.waits = true;
  exchange.hold.awaits_body = left == 0;
  exchange.evaluation.wait(left);
  if (left != 0) ++counters().held;
  r->connection->write->delayed = 1;
  r->buffered |= buffered_bit;
  if (r->method == NGX_HTTP_HEAD && !waits_for_body(exchange)) r->header_only = 1;
  return NGX_OK;
}

/// Discards the first response when there is a second one to the same request (an error page after a header that was
/// never sent).
void drop_held(Exchange& exchange) { consume(stop_waiting(exchange)); }

/// Inspects the response and returns for how many milliseconds to hold it.
ngx_msec_t look_at(ngx_http_request_t* r, const LocationConf& conf, Exchange& exchange) {
  if (exchange.hold.waits) drop_held(exchange);
  exchange.mode = mode_of(r, conf);
  exchange.codings = r->headers_out.content_encoding != nullptr ? body_codings(r) : BodyCodings();
  exchange.skipped = reason_to_skip(r, conf, exchange);
  exchange.seen = true;
  exchange.end_came = false;
  ++counters().responses;
  if (exchange.skipped == Skipped::no && !exchange.begun_with(conf)) {
    // Not recognized as a page on arrival: `return`, an internal redirect, a misleading extension.
    const std::string_view path = view(visible_path(r));
    if (conf.engine->rule_set().applies_to(path))
      exchange.begin(conf, path);
    else
      exchange.skipped = Skipped::no_slot;
  }
  exchange.others_differ = others_may_get_another(r, conf, exchange);
  if (exchange.skipped == Skipped::encoding) tell_unreadable(r);
  if (exchange.skipped != Skipped::no) {
    count(exchange.skipped);
    exchange.preconditions.apply(r);
    exchange.release();
    return 0;
  }
  if (exchange.mode == Mode::on) {
    r->disable_not_modified = 1;
    r->allow_ranges = 0;
  }
  return exchange.left_to_wait();
}

/// For an internal redirect to a location without the module.
void let_pass(ngx_http_request_t* r) {
  Exchange* exchange = Exchange::find(r);
  if (exchange == nullptr) return;
  if (exchange->hold.waits) drop_held(*exchange);
  exchange->preconditions.apply(r);
  exchange->release();
  exchange->decided = exchange->others_differ = false;
}

ngx_int_t hold_header_filter(ngx_http_request_t* r) {
  if (r != r->main) return header_filter_after_hold(r);
  if (location_conf(r)->mode == nullptr) {
    if (r->internal) guarded(r->connection->log, [&] { let_pass(r); });
    return header_filter_after_hold(r);
  }
  Exchange* exchange = Exchange::obtain(r);
  if (exchange == nullptr) return header_filter_after_hold(r);
  return guarded(
      r->connection->log,
      [&] {
        ngx_msec_t left = look_at(r, *location_conf(r), *exchange);
        if (left != 0 || waits_for_body(*exchange)) return hold(*exchange, left);
        if (exchange->skipped == Skipped::no) decide_and_splice(*exchange, nullptr);
        return header_filter_after_hold(r);
      },
      [&] {
        exchange->fail();
        return header_filter_after_hold(r);
      });
}

ngx_int_t hold_body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
  auto* exchange = static_cast<Exchange*>(ngx_http_get_module_ctx(r, ngx_http_personalize_module));
  if (exchange == nullptr || r != r->main) return body_filter_after_hold(r, in);
  if (exchange->hold.waits) {
    if (in != nullptr && ngx_chain_add_copy(r->pool, &exchange->hold.body, in) != NGX_OK) return NGX_ERROR;
    return exchange->hold.awaits_body && in != nullptr ? let_go(*exchange) : NGX_AGAIN;
  }
  if (exchange->hold.discards_body) {
    consume(in);
    return body_filter_after_hold(r, nullptr);
  }
  return pass_body(*exchange, in);
}

}  // namespace

void end_hold(Exchange& exchange) {
  ngx_http_request_t* r = exchange.request;
  ngx_connection_t* c = r->connection;
  auto* log_context = static_cast<ngx_http_log_ctx_t*>(c->log->data);
  log_context->current_request = r;
  if (!exchange.hold.waits) return;
  if (let_go(exchange) == NGX_ERROR) {
    ++r->main->count;  // an upstream's cleanup decrements it, and other cleanups, including ours, run later
    ngx_http_finalize_request(r, NGX_ERROR);
  } else {
    ngx_post_event(c->write, &ngx_posted_events);  // resumes the writer of this response
  }
  ngx_http_run_posted_requests(c);
}

ngx_int_t install_hold_filter(ngx_conf_t*) {
  header_filter_after_hold = std::exchange(ngx_http_top_header_filter, hold_header_filter);
  body_filter_after_hold = std::exchange(ngx_http_top_body_filter, hold_body_filter);
  return NGX_OK;
}

}  // namespace personalize::module
