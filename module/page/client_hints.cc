#include "module/page/client_hints.h"

#include "module/http/response.h"
#include "module/page/filters.h"
#include "plugins/device/client_hints.h"

namespace personalize::module {
namespace {

enum ClientHints : ngx_uint_t { off, on, critical };

}  // namespace

ngx_conf_enum_t client_hints_words[] = {
    {ngx_string("off"), off}, {ngx_string("on"), on}, {ngx_string("critical"), critical}, {ngx_null_string, 0}};

void ask_for_client_hints(ngx_http_request_t* r, const Exchange& exchange) {
  const ngx_uint_t asked = location_conf(r)->client_hints;
  if (asked == off || exchange.mode != Mode::on || !is_html(r)) return;
  add_header(r, "Accept-CH", "accept-ch", plugins::high_entropy_hints);
  if (!exchange.decided) return;
  add_header(r, "Vary", "vary", plugins::high_entropy_hints);
  if (asked == critical) add_header(r, "Critical-CH", "critical-ch", plugins::high_entropy_hints);
}

}  // namespace personalize::module
