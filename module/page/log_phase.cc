// LOG phase: the response has been sent, and plugins record it.
#include "module/log/log.h"
#include "module/page/filters.h"

namespace personalize::module {

ngx_int_t on_log(ngx_http_request_t* r) {
  Exchange* exchange = r == r->main ? Exchange::find(r) : nullptr;
  if (exchange != nullptr) guarded(r->connection->log, [&] { exchange->record(); });
  return NGX_OK;
}

}  // namespace personalize::module
