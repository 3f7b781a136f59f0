// Responses that are put together from a splice plan: between the two filters (hold_filter.cc, rewrite_filter.cc).
#pragma once

#include "module/exchange.h"

namespace personalize::nginx {

/// In front of all filters. The body of this response, which could be spliced, comes out of a file that only its first
/// buffer names: the header has to wait for that.
bool waits_for_body(const Exchange& exchange);

/// In front of all filters, decided, with what has come of the body: sets `Exchange::spliced` and the response's
/// length, or makes it a 304, if that can be done.
void try_to_splice(Exchange& exchange, const ngx_chain_t* body);

/// Where pages are rewritten: true if the page is sent as it was put together, because there was a plan for it and
/// nobody in between changes it. Otherwise what they do is noted for the next page.
bool accept_spliced(Exchange& exchange);

/// rewrite_filter.cc: sends it to whoever comes behind the filter that rewrites, or, if somebody has to read it, to
/// `first_filter`.
ngx_int_t send_spliced(Exchange& exchange, ngx_http_output_body_filter_pt first_filter);

}  // namespace personalize::nginx
