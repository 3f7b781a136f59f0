#include "module/page/unreadable.h"

#include <algorithm>

#include "module/conf/conf.h"
#include "module/status/status.h"

namespace personalize::module {
namespace {

constexpr std::size_t max_bytes_told = 100;  // of a header

}  // namespace

void tell_unreadable(ngx_http_request_t* r) {
  const auto* main = static_cast<const MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_personalize_module));
  const auto* core =
      static_cast<const ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
  if (!note_unreadable(location_conf(r)->number, main->load.low)) return;
  const ngx_table_elt_t* header = r->headers_out.content_encoding;
  const std::string_view encoding = header != nullptr ? view(header->value) : std::string_view("…");
  ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                "personalize: pages of location \"%V\" are left as they are, because the backend sends them with "
                "\"Content-Encoding: %*s\", which cannot be read (logged once); have it send something that can be, "
                "for instance with "
                "'proxy_set_header Accept-Encoding \"gzip, br\";'",
                &core->name, std::min(encoding.size(), max_bytes_told), encoding.data());
}

}  // namespace personalize::module
