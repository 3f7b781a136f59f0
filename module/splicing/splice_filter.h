// Spliced responses, between the two filters (hold_filter.cc, rewrite_filter.cc).
#pragma once

#include "module/exchange.h"

namespace personalize::nginx {

/// In front of all filters: true if the response may be spliced, but only its first buffer tells which file it comes
/// from, so that the header must wait for it.
bool waits_for_body(const Exchange& exchange);

/// In front of all filters, after the decision, with the part of the body that is there: if the page can be spliced,
/// sets `Exchange::spliced` and the response's length, or makes it a 304.
void try_to_splice(Exchange& exchange, const ngx_chain_t* body);

/// Where pages are rewritten, and the headers say `codings_behind` of the body: true if the spliced page can be sent,
/// because no filter in between changes pages. Learns what those filters do, for the next page.
bool accept_spliced(Exchange& exchange, const BodyCodings& codings_behind);

/// rewrite_filter.cc: sends the spliced page to the next filter or, if its bytes must be read from the file first, to
/// `first_filter`.
ngx_int_t send_spliced(Exchange& exchange, ngx_http_output_body_filter_pt first_filter);

}  // namespace personalize::nginx
