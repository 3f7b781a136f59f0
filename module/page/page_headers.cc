// The headers of a page that differs from visitor to visitor.
//
// They do not depend on which rules won: a page that can be personalized is private even if it goes out unchanged, as
// the next visitor, or the same one a minute later, may get a different one. The backend's validators and freshness are
// those of its own page, not of this one.
#include <algorithm>
#include <array>
#include <new>
#include <string>

#include "module/coding/weighted_list.h"
#include "module/http/cache_control.h"
#include "module/http/fields.h"
#include "module/http/response.h"
#include "module/page/filters.h"
#include "module/page/page_types.h"

namespace personalize::module {
namespace {

bool named(const ngx_table_elt_t& header, std::string_view name) {
  return header.key.len == name.size() && same(view(header.key), name);
}

void drop(ngx_http_request_t* r, std::initializer_list<std::string_view> names) {
  for (ngx_table_elt_t& header : response_fields(r)) {
    for (std::string_view name : names) {
      if (named(header, name)) header.hash = 0;
    }
  }
}

/// `private` and any further restrictions.
ngx_str_t cache_control(unsigned restrictions) {
  static const auto values = [] {
    std::array<std::string, restriction_sets> all;
    for (unsigned i = 0; i < all.size(); ++i)
      all[i] = std::string("private") + (i & no_store ? ", no-store" : "") + (i & no_cache ? ", no-cache" : "") +
               (i & must_revalidate ? ", must-revalidate" : "") + (i & no_transform ? ", no-transform" : "");
    return all;
  }();
  return as_ngx(values[restrictions]);
}

constexpr std::string_view charset_parameter = "; charset=";

/// In the request's memory.
std::string_view join(const ngx_http_request_t* r, std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  auto* whole = static_cast<char*>(ngx_pnalloc(r->pool, size));
  if (whole == nullptr) throw std::bad_alloc();
  char* end = whole;
  for (std::string_view part : parts) end = std::copy(part.begin(), part.end(), end);
  return {whole, size};
}

void set_cache_control(ngx_http_request_t* r, unsigned restrictions) {
  ngx_table_elt_t* kept = nullptr;
  for (ngx_table_elt_t& header : response_fields(r)) {
    if (!named(header, "Cache-Control")) continue;
    restrictions |= restrictions_in(view(header.value));
    if (kept == nullptr)
      kept = &header;
    else
      header.hash = 0;
  }
  if (kept == nullptr) {
    kept = add_header(r, "Cache-Control", "cache-control", {});
    if (kept == nullptr) return;
  }
  kept->value = cache_control(restrictions);
}

}  // namespace

void keep_from_shared_caches(ngx_http_request_t* r, unsigned restrictions) {
  if (r->headers_out.expires != nullptr) {
    r->headers_out.expires->hash = 0;
    r->headers_out.expires = nullptr;
  }
  for (ngx_table_elt_t& header : response_fields(r)) {
    const bool other_pragma = named(header, "Pragma") && !same(view(header.value), "no-cache");
    if (other_pragma || named(header, "Expires") || tells_some_caches(view(header.key))) header.hash = 0;
  }
  set_cache_control(r, restrictions);
}

void make_private(ngx_http_request_t* r, bool ask_again) {
  ngx_http_clear_accept_ranges(r);
  ngx_http_clear_last_modified(r);
  ngx_http_clear_etag(r);
  drop(r, {"ETag", "Last-Modified", "Accept-Ranges"});
  keep_from_shared_caches(r, ask_again ? unsigned{no_cache} : 0);
}

bool must_not_be_changed(ngx_http_request_t* r) {
  for (const ngx_table_elt_t& header : response_fields(r)) {
    if (named(header, "Cache-Control") && (restrictions_in(view(header.value)) & no_transform) != 0) return true;
  }
  return false;
}

void forget_body_headers(ngx_http_request_t* r, bool decoded) {
  ngx_http_clear_content_length(r);
  drop(r, {"Content-MD5", "Digest", "Content-Digest", "Repr-Digest"});
  if (decoded) forget_content_encoding(r);
}

void name_page(ngx_http_request_t* r, const SplicedPage& page) {
  const off_t length = r->headers_out.content_length_n;
  forget_body_headers(r, false);
  make_private(r, true);
  r->headers_out.content_length_n = length;
  r->headers_out.etag = add_header(r, "ETag", "etag", page.etag());
  name_charset(r, page.charset());
  if (page.coding() == Coding::identity) return;
  if (r->headers_out.content_encoding != nullptr) forget_content_encoding(r);
  r->headers_out.content_encoding = add_header(r, "Content-Encoding", "content-encoding", to_string(page.coding()));
}

void name_charset(ngx_http_request_t* r, std::string_view charset) {
  if (charset.empty()) return;
  auto& headers = r->headers_out;
  const std::string_view type = view(headers.content_type);
  if (headers.content_type_len == headers.content_type.len && type.find(';') == type.npos) {
    headers.charset = as_ngx(charset);
    return;
  }
  // NGINX adds a charset only if the type has no parameters. Of those here, browsers do not know any.
  headers.content_type = as_ngx(join(r, {media_type(type), charset_parameter, charset}));
}

BodyCodings body_codings(ngx_http_request_t* r) {
  BodyCodings codings;
  for (const ngx_table_elt_t& header : response_fields(r)) {
    if (named(header, "Content-Encoding")) codings.add(view(header.value));
  }
  return codings;
}

void forget_content_encoding(ngx_http_request_t* r) {
  drop(r, {"Content-Encoding"});
  r->headers_out.content_encoding = nullptr;
}

bool is_html(const ngx_http_request_t* r) { return same(media_type(view(r->headers_out.content_type)), "text/html"); }

std::string_view content_type(const ngx_http_request_t* r) {
  const std::string_view type = view(r->headers_out.content_type), charset = view(r->headers_out.charset);
  if (charset.empty() || type.find("charset") != type.npos) return type;
  return join(r, {type, charset_parameter, charset});
}

}  // namespace personalize::module
