// LOG phase: the response has been sent; plugins record it, and events are made of it.
#include "module/events/event_log.h"
#include "module/events/recorder.h"
#include "module/log/log.h"
#include "module/page/filters.h"

namespace personalize::module {

ngx_int_t on_log(ngx_http_request_t* r) {
  if (r != r->main) return NGX_OK;
  if (Exchange* exchange = Exchange::find(r)) guarded(r->connection->log, [&] { exchange->record(); });
  if (event_log(*location_conf(r)) != nullptr) guarded(r->connection->log, [&] { record_events(r); });
  return NGX_OK;
}

}  // namespace personalize::module
