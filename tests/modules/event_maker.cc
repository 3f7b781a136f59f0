// An NGINX module that makes events, as pages do, for the log of ours: `make_events` in a location answers
// /?visitor=V&id=I&count=N&size=S by appending N events of that visitor, with the ids I-0, I-1 … and S more bytes, and
// says how many of them were taken.
#include <charconv>
#include <string>

#include "module/events/event_log.h"

namespace {

using namespace personalize::module;

ngx_uint_t our_index = NGX_CONF_UNSET_UINT;  // of the module's configuration in a location

std::string argument(ngx_http_request_t* r, std::string_view name) {
  ngx_str_t value;
  if (ngx_http_arg(r, reinterpret_cast<u_char*>(const_cast<char*>(name.data())), name.size(), &value) != NGX_OK)
    return {};
  return std::string(view(value));
}

std::size_t number(const std::string& text, std::size_t otherwise) {
  std::from_chars(text.data(), text.data() + text.size(), otherwise);
  return otherwise;
}

std::size_t make_events(ngx_http_request_t* r) {
  EventLog* log = event_log(*static_cast<LocationConf*>(r->loc_conf[our_index]));
  if (log == nullptr) return 0;
  const std::string visitor = argument(r, "visitor"), id = argument(r, "id");
  const std::string path(number(argument(r, "size"), 0), 'x');
  std::size_t taken = 0;
  for (std::size_t i = 0; i < number(argument(r, "count"), 1); ++i) {
    const std::string line = "{\"time\":" + std::to_string(1764410000000 + i) + ",\"id\":\"" + id + "-" +
                             std::to_string(i) + "\",\"visitor\":\"" + visitor +
                             "\",\"confirmed\":true,\"name\":\"page_view\",\"path\":\"/" + path + "\"}";
    if (log->append(visitor, line)) ++taken;
  }
  return taken;
}

ngx_int_t answer(ngx_http_request_t* r) {
  const std::string text = std::to_string(make_events(r)) + "\n";
  ngx_buf_t* buffer = ngx_create_temp_buf(r->pool, text.size());
  if (buffer == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  buffer->last = ngx_cpymem(buffer->last, text.data(), text.size());
  buffer->last_buf = 1;
  r->headers_out.status = NGX_HTTP_OK;
  r->headers_out.content_length_n = static_cast<off_t>(text.size());
  const ngx_int_t rc = ngx_http_send_header(r);
  if (rc != NGX_OK || r->header_only) return rc;
  ngx_chain_t out{buffer, nullptr};
  return ngx_http_output_filter(r, &out);
}

char* set_make_events(ngx_conf_t* cf, ngx_command_t*, void*) {
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  core->handler = answer;
  for (ngx_uint_t i = 0; cf->cycle->modules[i] != nullptr; ++i)
    if (std::string_view(cf->cycle->modules[i]->name) == "ngx_http_personalize_module")
      our_index = cf->cycle->modules[i]->ctx_index;
  return our_index != NGX_CONF_UNSET_UINT ? NGX_CONF_OK : const_cast<char*>("needs ngx_http_personalize_module");
}

ngx_command_t commands[] = {
    {ngx_string("make_events"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_make_events, 0, 0, nullptr},
    ngx_null_command,
};

ngx_http_module_t context = {nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};

}  // namespace

extern "C" {

static ngx_module_t ngx_http_event_maker_module = {
    NGX_MODULE_V1, &context, commands, NGX_HTTP_MODULE, nullptr, nullptr,
    nullptr,       nullptr,  nullptr,  nullptr,         nullptr, NGX_MODULE_V1_PADDING,
};

#define EXPORT __attribute__((visibility("default"), used))

EXPORT ngx_module_t* ngx_modules[] = {&ngx_http_event_maker_module, nullptr};
EXPORT char* ngx_module_names[] = {const_cast<char*>("ngx_http_event_maker_module"), nullptr};
EXPORT char* ngx_module_order[] = {nullptr};

}  // extern "C"
