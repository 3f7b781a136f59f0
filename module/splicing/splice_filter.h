// Spliced responses, between the two filters (hold_filter.cc, rewrite_filter.cc).
//
// The backend's page, which is the same for everybody, is parsed once. Its way:
//
//   streamed   The first time it is parsed and rewritten as it passes. Its key (plan_key.h: the file or cache entry,
//              the type, the selectors) is noted in the zone.
//   planned    The second time it is worth keeping: its bytes and its splice plan (html/splicing/splice_plan.h) go
//              into the zone (plan_zone.h), where every worker finds them.
//   spliced    From then on the body that comes from the file is put aside, and the page is put together from slices of
//              the stored one and this visitor's content (spliced_page.h). Visitors whose edits have the same form
//              share the outcome (splice_recipes.h, html/splicing/splice_recipe.h).
//   packed     For clients that take gzip or Brotli, the parts of the page that never change are compressed once and
//              kept beside it (packed_parts.h), as is constant content of rules (packed_fragments.h). A response is
//              these parts, with this visitor's texts stored between them (packed_body.h).
//
// Entries that nobody is sending are evicted, the least recently used first. An entry is *pinned* while a worker sends
// from it: each worker has its own *column* of pin counts, so that the pins of a killed worker are known.
//
// Other filters between our two may change the page or its type. NGINX does not tell us; it is learnt from pages that
// pass (filter_effects.h), and a page that some filter changes is streamed.
#pragma once

#include "module/page/exchange.h"

namespace personalize::module {

/// Before all filters: true if the response may be spliced, but only its first buffer says which file it comes from, so
/// that the header must wait for it.
bool waits_for_body(const Exchange& exchange);

/// Before all filters, after the decision, with the part of the body that has come: if the page can be spliced, sets
/// `Exchange::splice.page` and the response's length, or makes it a 304.
void try_to_splice(Exchange& exchange, const ngx_chain_t* body);

/// In the rewrite filter, where the body has `codings_after` according to the headers: true if the spliced page can be
/// sent, because no filter in between changes pages. Learns what those filters do, for the next page.
bool accept_spliced(Exchange& exchange, const BodyCodings& codings_after);

/// Instead of that: its content was rendered with values that filters in between have replaced. It is streamed.
void give_up_spliced(Exchange& exchange);

/// rewrite_filter.cc: sends the spliced page to the next filter or, if its bytes must first be read from the file, to
/// `first_filter`.
ngx_int_t send_spliced(Exchange& exchange, ngx_http_output_body_filter_pt first_filter);

}  // namespace personalize::module
