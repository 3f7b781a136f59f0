#include "module/http/request_body.h"

#include <algorithm>

namespace personalize::module {
namespace {

/// Those who have sent a buffer on have moved its `pos`.
std::string_view bytes_of(const ngx_buf_t& buffer) {
  const u_char* begin = buffer.start != nullptr ? buffer.start : buffer.pos;
  return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(buffer.last - begin)};
}

}  // namespace

std::optional<std::string_view> body_in_memory(ngx_http_request_t* r, std::size_t max_bytes) {
  const ngx_http_request_body_t* body = r->request_body;
  if (body == nullptr || body->bufs == nullptr || body->temp_file != nullptr || r->request_body_no_buffering)
    return std::nullopt;
  std::size_t size = 0;
  for (const ngx_chain_t* part = body->bufs; part != nullptr; part = part->next) {
    if (part->buf->in_file) return std::nullopt;
    size += bytes_of(*part->buf).size();
    if (size > max_bytes) return std::nullopt;
  }
  if (body->bufs->next == nullptr) return bytes_of(*body->bufs->buf);
  auto* whole = static_cast<char*>(ngx_pnalloc(r->pool, size));
  if (whole == nullptr) return std::nullopt;
  char* end = whole;
  for (const ngx_chain_t* part = body->bufs; part != nullptr; part = part->next) {
    const std::string_view bytes = bytes_of(*part->buf);
    end = std::copy(bytes.begin(), bytes.end(), end);
  }
  return std::string_view(whole, size);
}

}  // namespace personalize::module
