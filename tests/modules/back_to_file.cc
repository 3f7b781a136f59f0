// A filter after NGINX's copy filter that takes bytes out of memory that are in a file too, without regard to what the
// filters after it need.
extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
}

namespace {

ngx_http_output_body_filter_pt next_body_filter;

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
  for (ngx_chain_t* link = in; link != nullptr; link = link->next) {
    ngx_buf_t& buffer = *link->buf;
    if (buffer.in_file) buffer.memory = buffer.temporary = buffer.mmap = 0;
  }
  return next_body_filter(r, in);
}

ngx_int_t install(ngx_conf_t*) {
  next_body_filter = ngx_http_top_body_filter;
  ngx_http_top_body_filter = body_filter;
  return NGX_OK;
}

ngx_http_module_t context = {nullptr, install, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};

}  // namespace

extern "C" {

static ngx_module_t ngx_http_back_to_file_module = {
    NGX_MODULE_V1, &context, nullptr, NGX_HTTP_MODULE, nullptr, nullptr,
    nullptr,       nullptr,  nullptr, nullptr,         nullptr, NGX_MODULE_V1_PADDING,
};

#define EXPORT __attribute__((visibility("default"), used))

EXPORT ngx_module_t* ngx_modules[] = {&ngx_http_back_to_file_module, nullptr};
EXPORT char* ngx_module_names[] = {const_cast<char*>("ngx_http_back_to_file_module"), nullptr};
EXPORT char* ngx_module_order[] = {const_cast<char*>("ngx_http_back_to_file_module"),
                                   const_cast<char*>("ngx_http_copy_filter_module"), nullptr};

}  // extern "C"
