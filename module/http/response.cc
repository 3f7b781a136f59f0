#include "module/http/response.h"

namespace personalize::module {

ngx_int_t answer(ngx_http_request_t* r, std::string_view content_type, std::string_view body) {
  const ngx_str_t text = copy(r->pool, body);
  auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
  if (text.data == nullptr || buffer == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  r->headers_out.status = NGX_HTTP_OK;
  r->headers_out.content_length_n = static_cast<off_t>(text.len);
  r->headers_out.content_type = as_ngx(content_type);
  r->headers_out.content_type_len = content_type.size();
  const ngx_int_t rc = ngx_http_send_header(r);
  if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) return rc;
  buffer->memory = 1;
  buffer->pos = text.data;
  buffer->last = text.data + text.len;
  buffer->last_buf = 1;
  ngx_chain_t out{buffer, nullptr};
  return ngx_http_output_filter(r, &out);
}

ngx_table_elt_t* add_header(ngx_http_request_t* r, std::string_view name, const char* lower, std::string_view value) {
  auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
  if (header == nullptr) return nullptr;
  ngx_memzero(header, sizeof(*header));
  header->hash = 1;
  header->key = as_ngx(name);
  header->lowcase_key = reinterpret_cast<u_char*>(const_cast<char*>(lower));
  header->value = copy(r->pool, value);
  return header;
}

}  // namespace personalize::module
