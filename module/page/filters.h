// The functions that the tables in module.cc point to.
#pragma once

#include "module/page/exchange.h"

namespace personalize::module {

/// Ours in `buffered` of a request: SSI, sub and copy use the other three.
constexpr unsigned buffered_bit = 0x08;

/// precontent_phase.cc: starts the fetches of a request for a page and goes on.
ngx_int_t on_precontent(ngx_http_request_t* r);
/// log_phase.cc: tells plugins what became of a page that has been sent.
ngx_int_t on_log(ngx_http_request_t* r);
/// False if the request's method, or the extension in its path by NGINX's `types`, rules out that the response is a
/// page: an image or a script, for instance.
bool may_be_page(ngx_http_request_t* r, const LocationConf& conf);
bool personalizable_method(const ngx_http_request_t* r);

/// hold_filter.cc: installs the filter in front of all others.
ngx_int_t install_hold_filter(ngx_conf_t* cf);
/// rewrite_filter.cc: installs the filter between postpone and gzip.
ngx_int_t install_rewrite_filter(ngx_conf_t* cf);

/// page_headers.cc: sets the headers of a page that is different for every visitor. With `ask_again` the visitor's
/// browser must ask whether its copy is still valid.
void make_private(ngx_http_request_t* r, bool ask_again = false);
/// page_headers.cc: sets those of a page that is the backend's own, but that others must not be given: only visitors'
/// own caches may keep it. `restrictions`: in addition to the backend's.
void keep_from_shared_caches(ngx_http_request_t* r, unsigned restrictions = 0);
/// page_headers.cc: the response says `no-transform`.
bool must_not_be_changed(ngx_http_request_t* r);
/// page_headers.cc: drops headers that describe the upstream's body.
void forget_body_headers(ngx_http_request_t* r, bool decoded);

/// page_headers.cc: the same for a spliced page, which keeps its length and gets an ETag and, if compressed, an
/// encoding.
void name_page(ngx_http_request_t* r, const SplicedPage& page);
/// page_headers.cc: how the headers, all of them, say that the body is encoded.
BodyCodings body_codings(ngx_http_request_t* r);
/// page_headers.cc: the body will not be encoded any more.
void forget_content_encoding(ngx_http_request_t* r);
/// page_headers.cc: the response says so.
bool is_html(const ngx_http_request_t* r);
/// page_headers.cc: "text/html; charset=utf-8", in the request's memory. Throws std::bad_alloc.
std::string_view content_type(const ngx_http_request_t* r);

/// variables.cc: defines the variables of pages.
ngx_int_t add_page_variables(ngx_conf_t* cf);

}  // namespace personalize::module
