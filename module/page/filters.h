// A page's way through the module, and the functions that the tables in module.cc point to.
//
// An `Exchange` (exchange.h) holds what is known of a page, from the request's arrival to its log line:
//
//   PRECONTENT phase    precontent_phase.cc. Is the request for a page (page_request.cc), and may some rule apply to
//   its
//                       path? Then the visitor's profile, and what plugins ask for, is fetched while the upstream
//                       works. The upstream is asked for the whole page in a coding that can be read: conditions,
//                       ranges and other codings are taken out of the request (../http/preconditions.h,
//                       upstream_request.h).
//   hold filter         hold_filter.cc, before all other filters. Looks at the response's header: is this a page to be
//                       personalized or, if not, why not (`Skipped`)? A page waits here, its header unsent, until all
//                       replies are there or the deadline has passed (held_response.h). Then the rules decide. If the
//                       page's splice plan is known, it is spliced from here on (../splicing/splice_filter.h).
//   NGINX's filters     Not modified, headers, copy, gunzip, SSI, sub …: they see the backend's page, and the decision
//   in
//                       variables (variables.cc).
//   rewrite filter      rewrite_filter.cc, before gzip. Replaces the headers that are only true of the backend's page
//                       (page_headers.cc), asks for client hints (client_hints.cc), and streams the body through the
//                       rewriter (page_stream.h), corked into full packets (cork.h).
//   LOG phase           log_phase.cc. Plugins record what became of the page.
//
// A page that needs nothing more of its evaluation lets go of it, and keeps what its variables say (remains.h). After
// an internal redirect the exchange goes on with the location that the request is in now. Whatever fails, the page goes
// out as the backend sent it: `guarded` (../worker/log.h) is around all of these.
#pragma once

#include "module/page/exchange.h"

namespace personalize::module {

/// Our bit in `buffered` of a request: SSI, sub and copy use the other three.
constexpr unsigned buffered_bit = 0x08;

/// precontent_phase.cc: starts the fetches for a page and lets the request go on.
ngx_int_t on_precontent(ngx_http_request_t* r);
/// log_phase.cc: tells plugins what became of a page, once it has been sent.
ngx_int_t on_log(ngx_http_request_t* r);
/// False if the request's method, or the type of its path's extension in NGINX's `types`, rules out that the response
/// is a page: for an image or a script, for instance.
bool may_be_page(ngx_http_request_t* r, const LocationConf& conf);
bool personalizable_method(const ngx_http_request_t* r);

/// hold_filter.cc: installs the filter before all others.
ngx_int_t install_hold_filter(ngx_conf_t* cf);
/// hold_filter.cc: from an event of its own: lets a response go that was held, if it is. The exchange may be gone then.
void end_hold(Exchange& exchange);
/// rewrite_filter.cc: installs the filter between postpone and gzip.
ngx_int_t install_rewrite_filter(ngx_conf_t* cf);

/// page_headers.cc: sets the headers of a page that differs from visitor to visitor. With `ask_again` the visitor's
/// browser must ask whether its copy is still valid.
void make_private(ngx_http_request_t* r, bool ask_again = false);
/// page_headers.cc: sets the headers of a page that is the backend's own but must not be given to others: only the
/// visitor's own cache may keep it. `restrictions` are added to the backend's.
void keep_from_shared_caches(ngx_http_request_t* r, unsigned restrictions = 0);
/// page_headers.cc: true if the response says `no-transform`.
bool must_not_be_changed(ngx_http_request_t* r);
/// page_headers.cc: drops headers that describe the upstream's body.
void forget_body_headers(ngx_http_request_t* r, bool decoded);

/// page_headers.cc: does both for a spliced page, which keeps its length and gets an ETag and, if compressed, an
/// encoding.
void name_page(ngx_http_request_t* r, const SplicedPage& page);
/// page_headers.cc: makes Content-Type name the charset, unless it is empty. Of static storage. Throws std::bad_alloc.
void name_charset(ngx_http_request_t* r, std::string_view charset);
/// page_headers.cc: how the body is encoded, according to all headers that say so.
BodyCodings body_codings(ngx_http_request_t* r);
/// page_headers.cc: for a body that is no longer encoded.
void forget_content_encoding(ngx_http_request_t* r);
/// page_headers.cc: true if the response's type is HTML.
bool is_html(const ngx_http_request_t* r);
/// page_headers.cc: "text/html; charset=utf-8", in the request's memory. Throws std::bad_alloc.
std::string_view content_type(const ngx_http_request_t* r);

/// variables.cc: defines the variables of pages.
ngx_int_t add_page_variables(ngx_conf_t* cf);

}  // namespace personalize::module
