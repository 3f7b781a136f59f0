#include "module/events/recorder.h"

#include <string>

#include "engine/events/make_events.h"
#include "learn/events/event_json.h"
#include "learn/events/form_body.h"
#include "module/evaluation/request_evaluation.h"
#include "module/events/event_log.h"
#include "module/events/new_event_id.h"
#include "module/http/fields.h"
#include "module/http/request_body.h"
#include "module/http/request_values.h"
#include "module/page/filters.h"
#include "module/status/counters.h"

namespace personalize::module {
namespace {

using learn::events::Event;

/// Of a request whose response is over, so that there is nobody to wake up.
class Nobody final : public EvaluationOwner {
 public:
  void on_ready() override {}
};

void count(const engine::MadeEvents& made) {
  ++counters().events_unmade[static_cast<std::size_t>(made.why)];
  counters().events_values_ignored += made.omissions.fields;
  for (const Event& event : made.events) {
    const auto name = static_cast<std::size_t>(event.name);
    ++counters().events[name];
    if (made.omissions.missing_facts != 0) ++counters().events_fact_missing[name];
  }
}

void count_ignored(const engine::KeptFacts& facts) {
  const auto count = [](IgnoredFacts kind) { ++counters().facts_ignored[static_cast<std::size_t>(kind)]; };
  using html::PageFacts;
  if ((facts.ignored() & PageFacts::ignored_ld_json) != 0) count(IgnoredFacts::ld_json);
  if ((facts.ignored() & PageFacts::ignored_microdata) != 0) count(IgnoredFacts::microdata);
  if ((facts.ignored() & PageFacts::ignored_meta) != 0) count(IgnoredFacts::meta);
  if ((facts.ignored() & PageFacts::ignored_fields) != 0) count(IgnoredFacts::fields);
  for (std::size_t i = 0; i < facts.declared_count(); ++i)
    if (facts.declared(i).ignored) return count(IgnoredFacts::declared);
}

void write(engine::MadeEvents& made, EventLog& log) {
  static std::string line;
  for (Event& event : made.events) {
    const learn::events::EventId id = new_event_id(event.time);
    event.id = id.text();
    line.clear();
    learn::events::append_json(line, event);
    log.append(event.visitor, line);
  }
}

bool makes_events(Mode mode) { return mode == Mode::on || mode == Mode::observe; }

/// A page, or the news that the browser has it.
bool has_page(ngx_http_request_t* r, const LocationConf& conf) {
  return r->headers_out.status == NGX_HTTP_NOT_MODIFIED ? may_be_page(r, conf) : is_html(r);
}

/// The fields of the request's body that events ask for; missing if there are none to read. Their texts are valid until
/// the next call.
rules::Value form_of(ngx_http_request_t* r, const rules::EventRules& events, std::string_view path,
                     rules::Arena& arena) {
  if (!events.reads_form(view(r->method_name), path) || r->headers_in.content_type == nullptr) return {};
  static learn::events::FormReader reader;
  const auto body = body_in_memory(r, learn::events::limits::max_form_bytes);
  bool compressed = false;
  for (const ngx_table_elt_t& field : request_fields(r)) compressed |= lower_name(field) == "content-encoding";
  using learn::events::FormOutcome;
  const FormOutcome outcome = body && !compressed
                                  ? reader.read(view(r->headers_in.content_type->value), *body,
                                                {.names = events.form_fields(), .all = events.reads_all_form_fields()})
                                  : FormOutcome::too_large;
  if (outcome != FormOutcome::read) {
    ++counters().events_forms_unread;
    return {};
  }
  const auto fields = reader.fields();
  auto* entries = static_cast<rules::MapEntry*>(
      arena.allocate((fields.size() + 1) * sizeof(rules::MapEntry), alignof(rules::MapEntry)));
  std::size_t size = 0;
  for (const auto& [name, value] : fields)
    new (entries + size++) rules::MapEntry{rules::Value::string(name), rules::Value::string(value)};
  return rules::Value::map({entries, size});
}

engine::RecordedRequest recorded(ngx_http_request_t* r, const LocationConf& conf, const Exchange* exchange) {
  engine::RecordedRequest recorded{
      .sent = {.status = static_cast<std::uint32_t>(r->headers_out.status),
               .bytes = static_cast<std::uint64_t>(r->connection->sent),
               .complete = exchange != nullptr && exchange->arrived(),
               .results = exchange != nullptr ? exchange->results() : std::span<const html::EditResult>()},
      .is_page = has_page(r, conf)};
  if (exchange != nullptr) recorded.issued_id = exchange->issued_id;
  return recorded;
}

/// What the page says, by the declarations of these rules.
engine::KeptFacts facts_of(Exchange* exchange, const PreparedRules& rules) {
  if (exchange == nullptr) return engine::KeptFacts({});
  if (exchange->splice.page) return engine::KeptFacts(exchange->splice.page->facts());
  if (exchange->facts == nullptr || &exchange->facts->rules() != &rules) return engine::KeptFacts({});
  return engine::KeptFacts(exchange->facts->end(exchange->arrived()));
}

void record(ngx_http_request_t* r, RequestEvaluation& evaluation, Exchange* exchange) {
  const LocationConf& conf = *location_conf(r);
  engine::RecordedRequest request = recorded(r, conf, exchange);
  request.form = form_of(r, evaluation->engine().rules().events(), evaluation->request().path, evaluation->arena());
  request.facts = facts_of(exchange, evaluation.rules());
  engine::MadeEvents made = engine::make_events(*evaluation, request);
  count(made);
  if (!made.events.empty()) count_ignored(request.facts);
  write(made, *event_log(conf));
}

}  // namespace

std::string_view to_string(IgnoredFacts kind) {
  constexpr std::string_view names[] = {"ld_json", "microdata", "meta", "fields", "declared"};
  return names[static_cast<std::size_t>(kind)];
}

bool is_recorded_page(ngx_http_request_t* r, const LocationConf& conf) {
  if (event_log(conf) == nullptr || conf.engine == nullptr || r->method != NGX_HTTP_GET || !has_page(r, conf))
    return false;
  const Mode mode = mode_of(r, conf);
  if (!makes_events(mode)) return false;
  const rules::RuleSet& rules = conf.engine->rule_set();
  const std::string_view path = view(visible_path(r));
  return rules.events().applies_to("GET", path) || (mode == Mode::observe && rules.applies_to(path));
}

void record_events(ngx_http_request_t* r) {
  const LocationConf& conf = *location_conf(r);
  if (event_log(conf) == nullptr || conf.engine == nullptr || !makes_events(mode_of(r, conf))) return;
  Exchange* exchange = Exchange::find(r);
  const bool decided = exchange != nullptr && exchange->decided && exchange->evaluation;
  if (decided) return record(r, exchange->evaluation, exchange);
  const std::string_view path = view(visible_path(r));
  if (!conf.engine->rule_set().events().applies_to(view(r->method_name), path)) return;
  Nobody nobody;
  RequestEvaluation evaluation(r, nobody);
  evaluation.prepare(conf, path);
  evaluation->resolve();  // what would have to be fetched is not known to events
  record(r, evaluation, exchange);
}

}  // namespace personalize::module
