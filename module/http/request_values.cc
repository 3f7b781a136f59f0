#include "module/http/request_values.h"

#include <algorithm>
#include <cassert>
#include <cctype>

#include "module/http/fields.h"

namespace personalize::module {
namespace {

/// `raw`, decoded, in memory of the pool: "%41" becomes "A", "/a/./b//../c" becomes "/a/c".
ngx_str_t normalize(ngx_pool_t* pool, std::string_view raw) {
  ngx_str_t decoded{raw.size(), static_cast<u_char*>(ngx_pnalloc(pool, raw.size() + 1))};  // "" becomes "/"
  if (decoded.data == nullptr) return ngx_null_string;
  ngx_memcpy(decoded.data, raw.data(), raw.size());
  u_char* to = decoded.data;
  u_char* from = decoded.data;
  ngx_unescape_uri(&to, &from, decoded.len, 0);
  std::string_view path(reinterpret_cast<char*>(decoded.data), static_cast<std::size_t>(to - decoded.data));

  // Segments only get shorter: the result is written over what was read.
  u_char* out = decoded.data;
  bool folder = true;
  while (!path.empty()) {
    std::size_t end = std::min(path.find('/'), path.size());
    std::string_view segment = path.substr(0, end);
    folder = segment.empty() || segment == "." || segment == ".." || end < path.size();
    if (segment == "..") {
      while (out != decoded.data && *--out != '/') {
      }
    } else if (!segment.empty() && segment != ".") {
      *out++ = '/';
      out = static_cast<u_char*>(ngx_movemem(out, segment.data(), segment.size()));
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  if (folder || out == decoded.data) *out++ = '/';
  decoded.len = static_cast<std::size_t>(out - decoded.data);
  assert(decoded.len <= raw.size() + 1);
  return decoded;
}

std::span<const plugins::Header> headers(ngx_http_request_t* r) {
  const auto fields = request_fields(r);
  auto* list = static_cast<plugins::Header*>(ngx_palloc(r->pool, fields.max_size() * sizeof(plugins::Header)));
  if (list == nullptr) return {};
  std::size_t filled = 0;
  for (const ngx_table_elt_t& field : fields) new (&list[filled++]) plugins::Header{view(field.key), view(field.value)};
  assert(filled == fields.max_size());
  return {list, filled};
}

}  // namespace

ngx_str_t visible_path(ngx_http_request_t* r) {
  std::string_view raw = view(r->unparsed_uri);
  raw = raw.substr(0, raw.find_first_of("?#"));
  if (raw == view(r->uri)) return r->uri;
  return normalize(r->pool, raw);
}

plugins::Request request_values(ngx_http_request_t* r, std::string_view path) {
  plugins::Request request;
  request.method = view(r->method_name);
  request.scheme = "http";
#if (NGX_HTTP_SSL)
  if (r->connection->ssl != nullptr) request.scheme = "https";
#endif
  request.host = view(r->headers_in.server);
  request.path = path;
  std::string_view raw = view(r->unparsed_uri);
  if (std::size_t mark = raw.find('?'); mark != std::string_view::npos) {
    request.query = raw.substr(mark + 1, raw.find('#', mark) - mark - 1);
  }
  request.address = view(r->connection->addr_text);
  request.headers = headers(r);
  const ngx_time_t* now = ngx_timeofday();
  request.now_us = static_cast<std::int64_t>(now->sec) * 1'000'000 + static_cast<std::int64_t>(now->msec) * 1'000;
  return request;
}

}  // namespace personalize::module
