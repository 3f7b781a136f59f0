#include "module/events/beacon.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "learn/events/beacon.h"
#include "learn/events/event_json.h"
#include "module/coding/weighted_list.h"
#include "module/events/beacon_rates.h"
#include "module/events/beacon_visitor.h"
#include "module/events/event_log.h"
#include "module/events/new_event_id.h"
#include "module/http/fields.h"
#include "module/http/response.h"
#include "module/identity/network_counts.h"
#include "module/identity/visitor.h"
#include "module/log/log.h"

namespace personalize::module {
namespace {

using learn::events::BeaconEvent;
using learn::events::BeaconReader;
using learn::events::limits::max_beacon_bytes;

/// By what a browser says; where it says nothing of that, as old ones do, by the page's origin.
bool is_of_this_site(const ngx_http_request_t* r) {
  std::optional<std::string_view> site, origin;
  for (const ngx_table_elt_t& field : request_fields(r)) {
    if (lower_name(field) == "sec-fetch-site") site = view(field.value);
    if (lower_name(field) == "origin") origin = view(field.value);
  }
  if (site) return *site == "same-origin";
  if (!origin || r->headers_in.host == nullptr) return false;
  const std::size_t scheme = origin->find("://");
  return scheme != origin->npos && same(origin->substr(scheme + 3), view(r->headers_in.host->value));
}

bool has_right_type(const ngx_http_request_t* r) {
  if (r->headers_in.content_type == nullptr) return false;
  std::string_view type = view(r->headers_in.content_type->value);
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return same(type, "text/plain") || same(type, "application/json");
}

ngx_int_t settle(BeaconOutcome outcome, ngx_int_t status) {
  ++counters().beacons[static_cast<std::size_t>(outcome)];
  return status;
}

ngx_int_t no_content(ngx_http_request_t* r, BeaconOutcome outcome) {
  r->headers_out.status = NGX_HTTP_NO_CONTENT;
  r->header_only = 1;
  add_header(r, "Cache-Control", "cache-control", "no-store");
  return settle(outcome, ngx_http_send_header(r));
}

std::uint32_t minute_now() { return static_cast<std::uint32_t>(ngx_time() / 60); }

bool takes_from_network(const ngx_http_request_t* r, const BeaconConf& conf) {
  return conf.rates.root()->allow(network_of(address_of(*r->connection)), minute_now(), conf.network_rate);
}

bool takes_from_visitor(std::string_view id, const BeaconConf& conf) {
  return conf.rates.root()->allow(XXH3_64bits(id.data(), id.size()), minute_now(), conf.rate);
}

/// What was read of the body, which may be in a file if the configuration wants that; nothing if it is too large.
std::optional<std::string> body_of(ngx_http_request_t* r) {
  std::string body;
  if (r->request_body == nullptr) return body;
  for (ngx_chain_t* link = r->request_body->bufs; link != nullptr; link = link->next) {
    ngx_buf_t& buffer = *link->buf;
    const off_t size = ngx_buf_size(&buffer);
    if (size < 0 || body.size() + static_cast<std::size_t>(size) > max_beacon_bytes) return std::nullopt;
    if (size == 0) continue;  // such as the one that only ends the body
    if (!ngx_buf_in_memory(&buffer)) {
      const std::size_t begin = body.size();
      body.resize(begin + static_cast<std::size_t>(size));
      auto* to = reinterpret_cast<u_char*>(body.data() + begin);
      if (ngx_read_file(buffer.file, to, static_cast<std::size_t>(size), buffer.file_pos) != size) return std::nullopt;
    } else {
      body.append(reinterpret_cast<const char*>(buffer.pos), static_cast<std::size_t>(size));
    }
  }
  return body;
}

void write_down(std::span<const BeaconEvent> events, BeaconVisitor& visitor, EventLog* log) {
  static std::string line;
  for (const auto& [verdict, accepted] : events) {
    ++counters().beacon_events[static_cast<std::size_t>(verdict)];
    if (verdict != learn::events::BeaconVerdict::accepted || log == nullptr) continue;
    learn::events::Event event = accepted;
    visitor.fill_in(event);
    const learn::events::EventId id = new_event_id(event.time);
    event.id = id.text();
    line.clear();
    learn::events::append_json(line, event);
    log->append(visitor.id(), line);
  }
}

std::int64_t milliseconds_now() {
  const ngx_time_t* time = ngx_timeofday();
  return static_cast<std::int64_t>(time->sec) * 1000 + static_cast<std::int64_t>(time->msec);
}

ngx_int_t take(ngx_http_request_t* r) {
  static BeaconReader reader;
  const LocationConf& conf = *location_conf(r);
  const std::optional<std::string> body = body_of(r);
  if (!body) return settle(BeaconOutcome::too_large, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE);
  if (!takes_from_network(r, *conf.beacon)) return no_content(r, BeaconOutcome::limited);
  const auto events = reader.read(*body, milliseconds_now(), conf.beacon->trust_purchase);
  if (!events) return settle(BeaconOutcome::malformed, NGX_HTTP_BAD_REQUEST);
  BeaconVisitor visitor(r, conf);
  visitor.answer_with_cookie(r, conf);
  if (!visitor.recorded()) return no_content(r, BeaconOutcome::not_recorded);
  if (!takes_from_visitor(visitor.id(), *conf.beacon)) return no_content(r, BeaconOutcome::limited);
  write_down(*events, visitor, event_log(conf));
  return no_content(r, BeaconOutcome::taken);
}

void on_body(ngx_http_request_t* r) {
  const ngx_int_t rc = guarded(
      r->connection->log, [&] { return take(r); }, []() -> ngx_int_t { return NGX_HTTP_INTERNAL_SERVER_ERROR; });
  ngx_http_finalize_request(r, rc);
}

}  // namespace

std::string_view to_string(BeaconOutcome outcome) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(BeaconOutcome::last) + 1> names = {
      "taken", "method", "site", "type", "too_large", "malformed", "limited", "not_recorded"};
  return names[static_cast<std::size_t>(outcome)];
}

/// What can be refused without the body is refused before it is read.
ngx_int_t handle_beacon(ngx_http_request_t* r) {
  if (r->method != NGX_HTTP_POST) {
    add_header(r, "Allow", "allow", "POST");
    return settle(BeaconOutcome::method, NGX_HTTP_NOT_ALLOWED);
  }
  if (!is_of_this_site(r)) return settle(BeaconOutcome::site, NGX_HTTP_FORBIDDEN);
  if (!has_right_type(r)) return settle(BeaconOutcome::type, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE);
  if (r->headers_in.content_length_n > static_cast<off_t>(max_beacon_bytes))
    return settle(BeaconOutcome::too_large, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE);
  const ngx_int_t rc = ngx_http_read_client_request_body(r, on_body);
  return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}

}  // namespace personalize::module
