// $personalize_…: for log_format and, as responses wait for the decision, also for add_header.
#include "module/http/variables.h"

#include <string>

#include "module/log/log.h"
#include "module/page/filters.h"

namespace personalize::module {
namespace {

std::string decided(const Exchange& exchange) { return decisions(exchange); }

/// Why the page was left as it is or, once it has been sent, which edits were not made.
std::string skipped(const Exchange& exchange) {
  const std::string_view reason = to_string(exchange.skipped);
  return reason.empty() ? unmade_edits(exchange) : std::string(reason);
}

std::string deadline_missed(const Exchange& exchange) {
  if (!exchange.decided) return {};
  return exchange.evaluation.deadline_missed() ? "1" : "0";
}

std::string profile(const Exchange& exchange) { return std::string(profile_status(exchange)); }

std::string time_spent(const Exchange& exchange) {
  const std::uint64_t all = exchange.evaluation.nanoseconds() + exchange.nanoseconds + exchange.rewrite_nanoseconds;
  return std::to_string(all / 1000);
}

/// The version of the rules that this page was, or would be, decided with.
std::string rules_version(const LoadedEngine& loaded, const Exchange* exchange) {
  if (exchange != nullptr && exchange->remains) return std::string(exchange->remains->rules_version);
  const bool begun = exchange != nullptr && exchange->evaluation;
  return std::string((begun ? exchange->evaluation->engine() : *loaded.revision->engine).rules().version());
}

std::string rules_error(const LoadedEngine& loaded, const Exchange*) { return loaded.refusal; }
std::string path(const Exchange& exchange) {
  return exchange.seen ? std::string(to_string(exchange.path)) : std::string();
}

ngx_int_t set(ngx_http_request_t* r, ngx_http_variable_value_t* value, const std::string& text) {
  return set_variable(r, value, text, !text.empty());
}

using Text = std::string (*)(const Exchange&);
using RulesText = std::string (*)(const LoadedEngine&, const Exchange*);

template <Text text>
ngx_int_t get(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t) {
  return guarded(
      r->connection->log,
      [&] {
        Exchange* exchange = Exchange::find(r);
        return set(r, value, exchange != nullptr ? text(*exchange) : std::string());
      },
      []() -> ngx_int_t { return NGX_ERROR; });
}

template <RulesText text>
ngx_int_t get(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t) {
  return guarded(
      r->connection->log,
      [&] {
        const LoadedEngine* loaded = location_conf(r)->engine;
        return set(r, value, loaded != nullptr ? text(*loaded, Exchange::find(r)) : std::string());
      },
      []() -> ngx_int_t { return NGX_ERROR; });
}

ngx_http_variable_t variables[] = {
    {ngx_string("personalize_rules_version"), nullptr, get<rules_version>, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("personalize_rules_error"), nullptr, get<rules_error>, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("personalize_decisions"), nullptr, get<decided>, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("personalize_skipped"), nullptr, get<skipped>, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("personalize_deadline_missed"), nullptr, get<deadline_missed>, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("personalize_profile_status"), nullptr, get<profile>, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("personalize_path"), nullptr, get<path>, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("personalize_time"), nullptr, get<time_spent>, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
};

}  // namespace

ngx_int_t add_page_variables(ngx_conf_t* cf) { return add_variables(cf, variables); }

}  // namespace personalize::module
