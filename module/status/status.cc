#include "module/status/status.h"

#include <algorithm>

#include "module/http/fields.h"
#include "module/http/response.h"
#include "module/log/log.h"
#include "module/status/format.h"

namespace personalize::module {
namespace {

/// Notes older than this are ignored: the worker is gone, or about to go.
constexpr ngx_msec_t max_note_age = 5000;

Zone<StatusZone> shared_status;  // of this worker, once it serves
StatusZone* zone = nullptr;      // what is in it

std::uint32_t own_id() { return static_cast<std::uint32_t>(ngx_pid); }

/// Further slots are left over from a time when there were more workers.
std::size_t workers_now() {
  const auto* core =
      reinterpret_cast<ngx_core_conf_t*>(ngx_get_conf(const_cast<ngx_cycle_t*>(ngx_cycle)->conf_ctx, ngx_core_module));
  return core->worker_processes > 0 ? static_cast<std::size_t>(core->worker_processes) : 1;
}

constexpr ZoneKind status_zones{
    .directive = "personalize_status",
    .example = "",
    .min_bytes = 0,
    .name_is_enough = false,
    .make = [](ngx_slab_pool_t& slabs) { return ngx_slab_calloc(&slabs, sizeof(StatusZone)); }};

bool wants_prometheus(const ngx_http_request_t* r) {
  if (location_conf(r)->status_prometheus) return true;
  AcceptedFormat accepted;
  for (const ngx_table_elt_t& field : request_fields(r))
    if (lower_name(field) == "accept") accepted.read(view(field.value));
  return accepted.is_prometheus();
}

ngx_int_t answer_status(ngx_http_request_t* r) {
  const auto& main = *static_cast<MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_personalize_module));
  if (zone == nullptr) return NGX_HTTP_SERVICE_UNAVAILABLE;
  write_worker_note(main);
  if (wants_prometheus(r)) return answer(r, "text/plain; version=0.0.4; charset=utf-8", status_prometheus(*zone, main));
  return answer(r, "application/json", status_json(*zone, main));
}

ngx_int_t handle_status(ngx_http_request_t* r) {
  if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) return NGX_HTTP_NOT_ALLOWED;
  ngx_int_t rc = ngx_http_discard_request_body(r);
  if (rc != NGX_OK) return rc;
  return guarded(
      r->connection->log, [&] { return answer_status(r); },
      []() -> ngx_int_t { return NGX_HTTP_INTERNAL_SERVER_ERROR; });
}

}  // namespace

char* add_status_zone(ngx_conf_t* cf, MainConf& main) {
  const std::size_t pages = (sizeof(StatusZone) + ngx_pagesize - 1) / ngx_pagesize;
  main.status_zone = Zone<StatusZone>(add_zone(cf, status_zones, "personalize-status", (pages + 8) * ngx_pagesize));
  return main.status_zone ? NGX_CONF_OK : conf_error;
}

void use_status_zone(const MainConf& main) {
  shared_status = main.status_zone;
  zone = shared_status.root();
  set_counters(zone->slots[ngx_worker % max_worker_slots]);
  set_gauges(zone->gauges[ngx_worker % max_gauge_slots], own_id());
}

void write_worker_note(const MainConf& main) {
  if (zone == nullptr || ngx_exiting) return;
  publish_gauges();
  WorkerNote note;
  fill_in(note, main);
  const Locked locked(shared_status);
  zone->notes[ngx_worker % max_worker_slots] = note;
}

std::vector<WorkerNote> worker_notes() {
  std::vector<WorkerNote> notes;
  notes.reserve(max_worker_slots);
  const Locked locked(shared_status);
  for (std::size_t i = 0; i < std::min(max_worker_slots, workers_now()); ++i) {
    const WorkerNote& note = zone->notes[i];
    if (note.written != 0 && ngx_current_msec - note.written < max_note_age) notes.push_back(note);
  }
  return notes;
}

std::uint64_t gauge_sum(GaugeName gauge) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < std::min(max_gauge_slots, workers_now()); ++i)
    total += zone->gauges[i][static_cast<std::size_t>(gauge)].value(is_alive);
  return total;
}

void count_rules(PreparedRules& set) {
  if (zone == nullptr) return;
  const Locked locked(shared_status);
  set.counters = zone->rules.numbers(*set.rules);
}

bool note_rule_news(std::size_t set, std::uint64_t what) {
  return zone == nullptr || set >= max_rule_sets || zone->rule_news[set].exchange(what) != what;
}

bool note_unreadable(std::size_t location, std::uint64_t load) {
  return zone == nullptr || zone->unreadable[location % max_told_locations].exchange(load) != load;
}

bool begin_outage(std::uint64_t server) { return zone == nullptr || zone->outages.begin(server, own_id(), is_alive); }

bool end_outage(std::uint64_t server) { return zone != nullptr && zone->outages.end(server, own_id(), is_alive); }

char* set_status(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  if (cf->args->nelts == 2) {
    if (view(values[1]) != "prometheus" && view(values[1]) != "json")
      return const_cast<char*>("must be json or prometheus");
    conf.status_prometheus = view(values[1]) == "prometheus";
  }
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  core->handler = handle_status;
  return NGX_CONF_OK;
}

}  // namespace personalize::module
