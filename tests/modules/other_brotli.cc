// An NGINX module that has the name of the one that compresses with Brotli and directives of other types, as a later
// version of that might. It compresses nothing.
extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
}

namespace {

struct Conf {
  ngx_str_t brotli;
};

void* create_conf(ngx_conf_t* cf) { return ngx_pcalloc(cf->pool, sizeof(Conf)); }

ngx_command_t commands[] = {
    {ngx_string("brotli"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1,
     ngx_conf_set_str_slot, NGX_HTTP_LOC_CONF_OFFSET, offsetof(Conf, brotli), nullptr},
    ngx_null_command,
};

ngx_http_module_t context = {nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, create_conf, nullptr};

}  // namespace

extern "C" {

static ngx_module_t ngx_http_brotli_filter_module = {
    NGX_MODULE_V1, &context, commands, NGX_HTTP_MODULE, nullptr, nullptr,
    nullptr,       nullptr,  nullptr,  nullptr,         nullptr, NGX_MODULE_V1_PADDING,
};

#define EXPORT __attribute__((visibility("default"), used))

EXPORT ngx_module_t* ngx_modules[] = {&ngx_http_brotli_filter_module, nullptr};
EXPORT char* ngx_module_names[] = {const_cast<char*>("ngx_http_brotli_filter_module"), nullptr};
EXPORT char* ngx_module_order[] = {const_cast<char*>("ngx_http_brotli_filter_module"),
                                   const_cast<char*>("ngx_http_postpone_filter_module"), nullptr};

}  // extern "C"
